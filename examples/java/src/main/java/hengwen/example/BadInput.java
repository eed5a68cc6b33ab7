package hengwen.example;

/** Something that was given cannot be used; the message names the place, never a value. */
final class BadInput extends Exception {
    private static final long serialVersionUID = 1L;

    BadInput(String message) {
        super(message);
    }
}

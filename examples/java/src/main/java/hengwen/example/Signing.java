package hengwen.example;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** A publisher's Ed25519 key, and the exact bytes it signs. */
final class Signing {
    static final int BATCH_MAX = 512;
    private static final byte[] TAG = "hengwen/submission/1".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 32;
    private static final int KEY_ID_DIGITS = 32;

    private final PrivateKey privateKey;
    private final byte[] publicKey;

    Signing(PrivateKey privateKey) throws GeneralSecurityException {
        this.privateKey = privateKey;
        this.publicKey = publicKeyOf(privateKey);
    }

    /** The key in a PEM file (PKCS #8, not encrypted). */
    static Signing load(Path file) throws IOException, GeneralSecurityException {
        String body = Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                .filter(line -> !line.startsWith("-----"))
                .collect(Collectors.joining());
        try {
            var pkcs8 = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body));
            return new Signing(KeyFactory.getInstance("Ed25519").generatePrivate(pkcs8));
        } catch (IllegalArgumentException | GeneralSecurityException bad) { // no cause: it may quote the key
            throw new GeneralSecurityException("the key file holds no Ed25519 key (PEM, PKCS #8)");
        }
    }

    byte[] publicKey() {
        return publicKey.clone();
    }

    /** The id of the key: the first 32 hexadecimal digits of the SHA-256 of the raw public key. */
    String keyId() {
        return HexFormat.of().formatHex(Merkle.sha256(publicKey)).substring(0, KEY_ID_DIGITS);
    }

    /** Leaf of one submission value: it binds the value to the ledger. */
    static byte[] leaf(byte[] ledger, byte[] value) {
        return Merkle.leafHash(TAG, ledger, Merkle.sha256(value));
    }

    /** What is signed for a batch: tag, ledger, number of leaves (u64, big-endian), root. */
    static byte[] message(byte[] ledger, int size, byte[] root) {
        return ByteBuffer.allocate(TAG.length + ledger.length + Long.BYTES + root.length)
                .put(TAG)
                .put(ledger)
                .putLong(size)
                .put(root)
                .array();
    }

    byte[] sign(byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(privateKey);
        signature.update(message);
        return signature.sign();
    }

    /** One signature over the whole batch, and the place of each value in it. */
    Batch batch(byte[] ledger, List<byte[]> values) throws GeneralSecurityException {
        if (values.isEmpty() || values.size() > BATCH_MAX) {
            throw new IllegalArgumentException("a batch holds 1 to " + BATCH_MAX + " submissions");
        }
        var levels = Merkle.levels(values.stream().map(value -> leaf(ledger, value)).toList());
        byte[] signature = sign(message(ledger, values.size(), Merkle.root(levels)));
        return new Batch(keyId(), signature, levels);
    }

    /** A signed batch. */
    record Batch(String key, byte[] signature, List<List<byte[]>> levels) {
        int size() {
            return levels.get(0).size();
        }

        List<byte[]> path(int index) {
            return Merkle.path(levels, index);
        }
    }

    /** The JDK derives a public key only when it makes a pair: the pair is made from the same seed. */
    private static byte[] publicKeyOf(PrivateKey privateKey) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) privateKey)
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the private key cannot be read"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new Seed(seed));
        byte[] x509 = generator.generateKeyPair().getPublic().getEncoded();
        return Arrays.copyOfRange(x509, x509.length - KEY_BYTES, x509.length);
    }

    /** Gives the same bytes every time. */
    private static final class Seed extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] seed;

        Seed(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, bytes.length);
        }
    }
}

package hengwen.example;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One submission as JSON. Identities in it are plain when it is read, and ids when it is completed;
 * {@code attestations} is what the vault said about those that were sealed.
 */
record Line(int number, String type, ObjectNode fields, ArrayNode attestations) {
    static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** All lines of a file, before anything is sealed or sent. */
    static List<Line> read(Path file) throws IOException, BadInput {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String text : Files.readAllLines(file)) {
            number++;
            if (!text.isBlank()) {
                lines.add(parse(number, text));
            }
        }
        return lines;
    }

    static Line parse(int number, String text) throws BadInput {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException bad) { // its message would quote the line
            throw new BadInput("line " + number + ": not JSON");
        }
        if (!(json instanceof ObjectNode fields) || !fields.path("type").isTextual()) {
            throw new BadInput("line " + number + ": an object with a type is needed");
        }
        String type = fields.remove("type").textValue();
        // Who sealed beforehand gives what the vault attested with the line.
        JsonNode attested = fields.remove("attestations");
        return new Line(number, type, fields, attested instanceof ArrayNode given ? given : JSON.createArrayNode());
    }

    String text(String field) throws BadInput {
        JsonNode value = fields.path(field);
        if (!value.isTextual()) {
            throw new BadInput("line " + number + ": " + field + ": text is needed");
        }
        return value.textValue();
    }
}

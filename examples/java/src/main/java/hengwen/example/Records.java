package hengwen.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * JSON to records and back, by the schema alone: dates are ISO texts; bytes are lower-case
 * hexadecimal, or base64 if they are not.
 */
final class Records {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern HEX = Pattern.compile("([0-9a-f]{2})*");

    private Records() {}

    /** A record from a JSON object; a nullable field may be left out, an unknown one is an error. */
    static GenericRecord record(Schema schema, JsonNode json) throws BadInput {
        if (!json.isObject()) {
            throw new BadInput("an object is needed");
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (schema.getField(name) == null) {
                throw new BadInput(name + ": " + schema.getName() + " has no such field");
            }
        }
        GenericRecord made = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            try {
                made.put(field.pos(), value(field.schema(), json.path(field.name())));
            } catch (BadInput bad) {
                throw new BadInput(field.name() + ": " + bad.getMessage());
            }
        }
        return made;
    }

    private static Object value(Schema schema, JsonNode json) throws BadInput {
        if (schema.getType() == Schema.Type.UNION) { // always null and one other
            return json.isNull() || json.isMissingNode() ? null : value(other(schema), json);
        }
        return switch (schema.getType()) {
            case RECORD -> record(schema, json);
            case ARRAY -> list(schema, json);
            case STRING -> checked(json.isTextual(), json, "text").textValue();
            case BOOLEAN -> checked(json.isBoolean(), json, "true or false").booleanValue();
            case LONG -> checked(json.canConvertToLong() && json.isIntegralNumber(), json, "a whole number")
                    .longValue();
            case INT -> isDate(schema)
                    ? day(checked(json.isTextual(), json, "a date").textValue())
                    : checked(json.canConvertToInt() && json.isIntegralNumber(), json, "a whole number").intValue();
            case BYTES -> ByteBuffer.wrap(bytes(json));
            case FIXED -> fixed(schema, bytes(json));
            default -> throw new IllegalStateException("the schemas have no " + schema.getType());
        };
    }

    private static JsonNode checked(boolean fits, JsonNode json, String wanted) throws BadInput {
        if (!fits) {
            throw new BadInput(json.isMissingNode() ? "is missing" : wanted + " is needed");
        }
        return json;
    }

    private static List<Object> list(Schema schema, JsonNode json) throws BadInput {
        List<Object> made = new ArrayList<>();
        for (JsonNode item : checked(json.isArray(), json, "a list")) {
            made.add(value(schema.getElementType(), item));
        }
        return made;
    }

    private static byte[] bytes(JsonNode json) throws BadInput {
        String text = checked(json.isTextual(), json, "hexadecimal or base64").textValue();
        if (HEX.matcher(text).matches()) {
            return HexFormat.of().parseHex(text);
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException bad) {
            throw new BadInput("hexadecimal or base64 is needed");
        }
    }

    private static GenericFixed fixed(Schema schema, byte[] bytes) throws BadInput {
        if (bytes.length != schema.getFixedSize()) {
            throw new BadInput(schema.getFixedSize() + " bytes are needed");
        }
        return new GenericData.Fixed(schema, bytes);
    }

    private static int day(String date) throws BadInput {
        try {
            return Math.toIntExact(LocalDate.parse(date).toEpochDay());
        } catch (DateTimeException | ArithmeticException bad) {
            throw new BadInput("a date like 2019-01-20 is needed");
        }
    }

    private static Schema other(Schema union) {
        return union.getTypes().get(union.getTypes().get(0).getType() == Schema.Type.NULL ? 1 : 0);
    }

    private static boolean isDate(Schema schema) {
        return "date".equals(schema.getProp("logicalType"));
    }

    /** A decoded value as JSON: bytes as hexadecimal, dates as ISO texts. */
    static JsonNode json(Schema schema, Object value) {
        if (value == null) {
            return JSON.nullNode();
        }
        return switch (schema.getType()) {
            case UNION -> json(other(schema), value);
            case RECORD -> {
                ObjectNode made = JSON.objectNode();
                for (Schema.Field field : schema.getFields()) {
                    made.set(field.name(), json(field.schema(), ((GenericRecord) value).get(field.pos())));
                }
                yield made;
            }
            case ARRAY -> {
                ArrayNode made = JSON.arrayNode();
                for (Object item : (List<?>) value) {
                    made.add(json(schema.getElementType(), item));
                }
                yield made;
            }
            case INT -> isDate(schema)
                    ? JSON.textNode(LocalDate.ofEpochDay((Integer) value).toString())
                    : JSON.numberNode((Integer) value);
            case LONG -> JSON.numberNode((Long) value);
            case BOOLEAN -> JSON.booleanNode((Boolean) value);
            case FIXED -> JSON.textNode(HexFormat.of().formatHex(((GenericFixed) value).bytes()));
            case BYTES -> JSON.textNode(hex((ByteBuffer) value));
            default -> JSON.textNode(value.toString());
        };
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}

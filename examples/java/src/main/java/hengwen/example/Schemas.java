package hengwen.example;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;

/** The schemas of a folder; records to and from Avro single-object encoding. */
final class Schemas {
    private static final String NAMESPACE = "hengwen.";

    // Without conversions a logical type is its plain type: dates stay days, ids stay text.
    private final GenericData model = new GenericData();
    private final Map<String, Schema> schemas = new HashMap<>();
    // Without a schema to read with, each value is read as it was written.
    private final BinaryMessageDecoder<GenericRecord> decoder = new BinaryMessageDecoder<>(model, null);

    Schemas(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.avsc")) {
            for (Path file : files) {
                // A parser each: every file defines all it needs, and several define the same.
                Schema schema = new Schema.Parser().parse(Files.readString(file));
                schemas.put(schema.getFullName(), schema);
                decoder.addSchema(schema);
            }
        }
    }

    /** The schema of a record, with or without its namespace. */
    Schema of(String name) throws BadInput {
        Schema schema = schemas.get(name.startsWith(NAMESPACE) ? name : NAMESPACE + name);
        if (schema == null) {
            throw new BadInput("there is no schema of that name in the folder");
        }
        return schema;
    }

    byte[] encode(GenericRecord entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new BinaryMessageEncoder<GenericRecord>(model, entry.getSchema()).encode(entry, bytes);
        return bytes.toByteArray();
    }

    GenericRecord decode(byte[] value) throws IOException {
        return decoder.decode(value);
    }
}

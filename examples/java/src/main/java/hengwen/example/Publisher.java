package hengwen.example;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Submissions to bytes, bytes to a signed batch, the batch to the topic of submissions. */
final class Publisher implements AutoCloseable {
    static final String PROOF_HEADER = "hengwen-proof";
    static final int VALUE_BYTES_MAX = 32 * 1024;

    private final Schemas schemas;
    private final Signing signing;
    private final byte[] ledger;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    Publisher(Schemas schemas, Signing signing, byte[] ledger, String log, Properties kafka) {
        this.schemas = schemas;
        this.signing = signing;
        this.ledger = ledger;
        this.topic = log + ".submissions";
        Properties settings = new Properties();
        settings.putAll(kafka);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        // Idempotent, not transactional: admission reads what was appended, not what was committed.
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // The topic takes only what is not compressed.
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A completed line as it goes to the log. */
    record Signed(Line line, String organisation, byte[] value, byte[] proof) {
        /** By these its verdict is found: anybody could append a copy of the value, but not signed so. */
        String digests() {
            HexFormat hex = HexFormat.of();
            return hex.formatHex(Merkle.sha256(value)) + hex.formatHex(Merkle.sha256(proof));
        }
    }

    /** Encode and sign at most 512 completed lines under one signature. */
    static List<Signed> signed(List<Line> lines, Schemas schemas, Signing signing, byte[] ledger)
            throws BadInput, IOException, GeneralSecurityException {
        List<byte[]> values = new ArrayList<>();
        for (Line line : lines) {
            values.add(value(line, schemas));
        }
        Signing.Batch batch = signing.batch(ledger, values);
        List<Signed> signed = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Line line = lines.get(i);
            byte[] proof = schemas.encode(proof(batch, i, line, schemas));
            signed.add(new Signed(line, line.text("organisation"), values.get(i), proof));
        }
        return signed;
    }

    private static byte[] value(Line line, Schemas schemas) throws BadInput, IOException {
        try {
            byte[] value = schemas.encode(Records.record(schemas.of(line.type()), line.fields()));
            if (value.length > VALUE_BYTES_MAX) {
                throw new BadInput("takes " + value.length + " bytes, " + VALUE_BYTES_MAX + " fit");
            }
            return value;
        } catch (BadInput bad) {
            throw new BadInput("line " + line.number() + ": " + bad.getMessage());
        }
    }

    private static GenericRecord proof(Signing.Batch batch, int index, Line line, Schemas schemas)
            throws BadInput {
        Schema schema = schemas.of("SubmissionProof");
        Schema hash = schema.getField("path").schema().getElementType();
        Schema attestation = schema.getField("attestations").schema().getElementType();
        List<Object> path = new ArrayList<>();
        for (byte[] step : batch.path(index)) {
            path.add(new GenericData.Fixed(hash, step));
        }
        List<Object> attestations = new ArrayList<>();
        for (var one : line.attestations()) {
            attestations.add(Records.record(attestation, one));
        }
        GenericRecord proof = new GenericData.Record(schema);
        proof.put("key", batch.key());
        proof.put("signature", ByteBuffer.wrap(batch.signature()));
        proof.put("size", (long) batch.size());
        proof.put("index", (long) index);
        proof.put("path", path);
        proof.put("attestations", attestations);
        return proof;
    }

    /** Append lines in order and wait until they are safe; doing it again is harmless. */
    List<Signed> publish(List<Line> lines)
            throws BadInput, IOException, GeneralSecurityException, InterruptedException {
        List<Signed> batch = signed(lines, schemas, signing, ledger);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Signed one : batch) {
            byte[] key = one.organisation().getBytes(StandardCharsets.UTF_8);
            var record = new ProducerRecord<>(topic, 0, key, one.value());
            record.headers().add(PROOF_HEADER, one.proof());
            sent.add(producer.send(record));
        }
        producer.flush();
        for (Future<RecordMetadata> one : sent) {
            try {
                one.get();
            } catch (ExecutionException failed) {
                throw new IOException("not published: " + failed.getCause(), failed);
            }
        }
        return batch;
    }

    @Override
    public void close() {
        producer.close();
    }
}

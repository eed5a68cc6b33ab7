package hengwen.example;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the topic of events from where it ended when this was opened: open it, then publish. */
final class Verdicts implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final String REFUSED = "SubmissionRefused";

    private final Schemas schemas;
    private final KafkaConsumer<byte[], byte[]> consumer;

    Verdicts(Schemas schemas, String log, Properties kafka) {
        this.schemas = schemas;
        Properties settings = new Properties();
        settings.putAll(kafka);
        // Admission writes in transactions; what was aborted must not be read.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // a log has no gaps to jump over
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        TopicPartition events = new TopicPartition(log + ".events", 0);
        consumer.assign(List.of(events));
        consumer.seek(events, consumer.endOffsets(List.of(events)).get(events));
    }

    /**
     * Wait for the verdict on each submission and hand it out as JSON: line, submission_id,
     * position, type, codes of a refusal, and the decoded event. Returns those that had none in time.
     */
    List<Publisher.Signed> await(List<Publisher.Signed> submissions, Duration longest, Consumer<ObjectNode> found)
            throws IOException {
        // Submission ids tell the values apart, and so do the proofs.
        Map<String, Publisher.Signed> waiting = new LinkedHashMap<>();
        for (Publisher.Signed one : submissions) {
            waiting.put(one.digests(), one);
        }
        Instant end = Instant.now().plus(longest);
        while (!waiting.isEmpty() && Instant.now().isBefore(end)) {
            for (ConsumerRecord<byte[], byte[]> entry : consumer.poll(POLL)) {
                GenericRecord event = schemas.decode(entry.value());
                ObjectNode fields = (ObjectNode) Records.json(event.getSchema(), event);
                String digests = fields.path("submission_digest").asText()
                        + fields.path("proof_digest").asText();
                Publisher.Signed ours = waiting.remove(digests);
                if (ours != null) {
                    found.accept(verdict(ours, entry, event.getSchema().getName(), fields));
                }
            }
        }
        return List.copyOf(waiting.values());
    }

    static boolean refused(ObjectNode verdict) {
        return REFUSED.equals(verdict.path("type").textValue());
    }

    private static ObjectNode verdict(
            Publisher.Signed submission, ConsumerRecord<byte[], byte[]> entry, String type, ObjectNode event) {
        ObjectNode verdict = Line.JSON.createObjectNode();
        verdict.put("line", submission.line().number());
        verdict.set("submission_id", submission.line().fields().path("submission_id"));
        verdict.put("position", position(entry));
        verdict.put("type", type);
        ArrayNode codes = verdict.putArray("codes");
        event.path("reasons").forEach(reason -> codes.add(reason.path("code").textValue()));
        verdict.set("event", event);
        return verdict;
    }

    /** Position in the log; offsets are not dense, a transaction takes one of its own. */
    private static long position(ConsumerRecord<byte[], byte[]> entry) {
        return Long.parseLong(
                new String(entry.headers().lastHeader("position").value(), StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        consumer.close();
    }
}

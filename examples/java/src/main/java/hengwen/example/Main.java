package hengwen.example;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;

/** Seals, signs and publishes the lines of a file, and prints the verdict on each as a line of JSON. */
public final class Main {
    private static final String USAGE =
            """
            java -jar publisher.jar --bootstrap HOST:PORT --log NAME --ledger HEX --schemas FOLDER
                --key PEM --seal URL --file LINES [--wait SECONDS] [--kafka PROPERTIES]
            The token of the sealing service is read from HENGWEN_SEAL_TOKEN.
            Exit codes: 0 all in the log, 1 refused or no verdict yet, 2 bad input, 3 a service is away.""";
    private static final List<String> NEEDED =
            List.of("bootstrap", "log", "ledger", "schemas", "key", "seal", "file");
    private static final String WAIT_S = "60";
    private static final int BAD_INPUT = 2;
    private static final int AWAY = 3;

    private Main() {}

    /** Runs the program. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        try {
            return publish(options(arguments));
        } catch (BadInput | GeneralSecurityException | IllegalArgumentException bad) {
            System.err.println(bad.getMessage());
            return BAD_INPUT;
        } catch (FileSystemException | CharacterCodingException unreadable) {
            System.err.println("cannot be read: " + unreadable.getMessage());
            return BAD_INPUT;
        } catch (AvroRuntimeException unknown) { // an event of a schema that is not in the folder
            System.err.println(unknown.getMessage());
            return BAD_INPUT;
        } catch (IOException | KafkaException away) {
            System.err.println(away.getMessage());
            return AWAY;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return AWAY;
        }
    }

    private static int publish(Map<String, String> options)
            throws BadInput, GeneralSecurityException, IOException, InterruptedException {
        Schemas schemas = new Schemas(Path.of(options.get("schemas")));
        Signing signing = Signing.load(Path.of(options.get("key")));
        List<Line> lines = Line.read(Path.of(options.get("file")));
        Sealing sealing = new Sealing(URI.create(options.get("seal")), token());
        byte[] ledger = HexFormat.of().parseHex(options.get("ledger"));
        if (!sealing.ledger().equals(options.get("ledger"))) {
            throw new BadInput("the sealing service belongs to another ledger");
        }
        String log = options.get("log");
        Properties kafka = kafka(options);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<ObjectNode> refusals = new ArrayList<>();
        // The reader first: it begins where the events end now, so no verdict on ours can be missed.
        try (Verdicts verdicts = new Verdicts(schemas, log, kafka);
                Publisher publisher = new Publisher(schemas, signing, ledger, log, kafka)) {
            List<Publisher.Signed> published = new ArrayList<>();
            for (int start = 0; start < lines.size(); start += Signing.BATCH_MAX) {
                var batch = lines.subList(start, Math.min(start + Signing.BATCH_MAX, lines.size()));
                sealing.complete(batch);
                published.addAll(publisher.publish(batch));
            }
            System.err.println("published " + published.size());
            Duration longest = Duration.ofSeconds(Long.parseLong(options.getOrDefault("wait", WAIT_S)));
            List<Publisher.Signed> undecided = verdicts.await(published, longest, verdict -> {
                out.println(verdict);
                if (Verdicts.refused(verdict)) {
                    refusals.add(verdict);
                }
            });
            if (!undecided.isEmpty()) {
                System.err.println("no verdict yet on " + undecided.size());
            }
            return refusals.isEmpty() && undecided.isEmpty() ? 0 : 1;
        }
    }

    private static Map<String, String> options(String[] arguments) throws BadInput {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i].replaceFirst("^--", ""), arguments[i + 1]);
        }
        if (arguments.length % 2 == 1 || !options.keySet().containsAll(NEEDED)) {
            throw new BadInput(USAGE);
        }
        return options;
    }

    /** Not an argument: everybody on the machine can read those. */
    private static String token() throws BadInput {
        String token = System.getenv("HENGWEN_SEAL_TOKEN");
        if (token == null || token.isEmpty()) {
            throw new BadInput("HENGWEN_SEAL_TOKEN is not set");
        }
        return token;
    }

    /** Settings for both clients: the address, and from a file what the cluster asks for (SASL, TLS). */
    private static Properties kafka(Map<String, String> options) throws IOException {
        Properties settings = new Properties();
        if (options.containsKey("kafka")) {
            try (Reader reader = Files.newBufferedReader(Path.of(options.get("kafka")))) {
                settings.load(reader);
            }
        }
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, options.get("bootstrap"));
        return settings;
    }
}

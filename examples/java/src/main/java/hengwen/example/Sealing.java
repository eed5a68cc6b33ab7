package hengwen.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The sealing service: names go in, ids, sealed bytes and attestations come out. */
final class Sealing {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final List<String> PERSONS = List.of("actor", "reviewer", "proxy", "person");
    private static final int OK = 200;
    private static final int FAILED = 500;

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final URI address;
    private final String token;

    Sealing(URI address, String token) {
        this.address = address;
        this.token = token;
    }

    /** The ledger whose vault this is, in hexadecimal. */
    String ledger() throws IOException, InterruptedException, BadInput {
        return answer(request("/v1/vault").GET()).path("ledger").asText();
    }

    /** Replace every plain identity of at most 512 lines. */
    void complete(List<Line> lines) throws IOException, InterruptedException, BadInput {
        replacePersons(lines);
        seal(lines, "recipient", "person", "sealed");
        seal(lines, "worker", "worker", "sealed_worker");
    }

    /** Seal one field where it holds an identity; the vault's attestation is kept as it was given. */
    private void seal(List<Line> lines, String field, String person, String sealed)
            throws IOException, InterruptedException, BadInput {
        ArrayNode requests = Line.JSON.createArrayNode();
        List<Line> waiting = new ArrayList<>();
        for (Line line : lines) {
            if (line.fields().path(field).isObject()) {
                ObjectNode one = requests.addObject();
                one.put("organisation", line.text("organisation"));
                one.put("business_id", line.text("payment"));
                one.put("field", field);
                one.set("identity", line.fields().remove(field));
                waiting.add(line);
            }
        }
        if (waiting.isEmpty()) {
            return;
        }
        JsonNode answers = post("/v1/seal", "requests", requests).path("sealed");
        for (int i = 0; i < waiting.size(); i++) {
            JsonNode answer = answers.path(i);
            ObjectNode fields = waiting.get(i).fields();
            fields.set(person, answer.path("person"));
            fields.set(sealed, answer.path("sealed"));
            if (field.equals("recipient")) {
                for (String name : List.of("card", "phone", "household")) {
                    fields.set(name, answer.path(name));
                }
            }
            waiting.get(i).attestations().add(answer.path("attestation"));
        }
    }

    /** Handlers, approvers and visitors become person ids. */
    private void replacePersons(List<Line> lines) throws IOException, InterruptedException, BadInput {
        ArrayNode identities = Line.JSON.createArrayNode();
        List<Consumer<JsonNode>> places = new ArrayList<>();
        for (Line line : lines) {
            for (String name : PERSONS) {
                if (line.fields().path(name).isObject()) {
                    identities.add(line.fields().get(name));
                    places.add(person -> line.fields().set(name, person));
                }
            }
            if (line.fields().path("visitors") instanceof ArrayNode visitors) {
                for (int i = 0; i < visitors.size(); i++) {
                    int at = i;
                    if (visitors.get(at).isObject()) {
                        identities.add(visitors.get(at));
                        places.add(person -> visitors.set(at, person));
                    }
                }
            }
        }
        for (int start = 0; start < places.size(); start += Signing.BATCH_MAX) {
            int end = Math.min(start + Signing.BATCH_MAX, places.size());
            ArrayNode call = Line.JSON.createArrayNode();
            for (int i = start; i < end; i++) {
                call.add(identities.get(i));
            }
            JsonNode persons = post("/v1/persons", "identities", call).path("persons");
            for (int i = start; i < end; i++) {
                places.get(i).accept(persons.path(i - start));
            }
        }
    }

    private JsonNode post(String path, String name, ArrayNode items)
            throws IOException, InterruptedException, BadInput {
        ObjectNode body = Line.JSON.createObjectNode();
        body.set(name, items);
        body.put("fold_old", true); // take the 15-digit numbers of old feeds
        var bytes = HttpRequest.BodyPublishers.ofByteArray(Line.JSON.writeValueAsBytes(body));
        return answer(request(path).header("Content-Type", "application/json").POST(bytes));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token);
    }

    /** The answer; what is not 200 is a problem document, whose codes and places name no value. */
    private JsonNode answer(HttpRequest.Builder request) throws IOException, InterruptedException, BadInput {
        HttpResponse<byte[]> response;
        try {
            response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException away) {
            throw new IOException("the sealing service at " + address + " does not answer", away);
        }
        if (response.statusCode() == OK) {
            return Line.JSON.readTree(response.body());
        }
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() >= FAILED) {
            throw new IOException("the sealing service answers " + response.statusCode() + ": " + body);
        }
        throw new BadInput("the sealing service answers " + response.statusCode() + ": " + body);
    }
}

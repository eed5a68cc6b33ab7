package hengwen.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Java gives the same bytes as Python: vectors.json is made by tests/java_vectors.py. */
class VectorsTest {
    private JsonNode vectors;
    private Schemas schemas;
    private Signing signing;
    private byte[] ledger;

    @BeforeEach
    void readVectors() throws IOException, GeneralSecurityException {
        try (InputStream file = getClass().getResourceAsStream("/vectors.json")) {
            vectors = Line.JSON.readTree(file);
        }
        schemas = new Schemas(Path.of(System.getProperty("schemas")));
        ledger = bytes(vectors.path("ledger"));
        var seed = new EdECPrivateKeySpec(NamedParameterSpec.ED25519, bytes(vectors.path("seed")));
        signing = new Signing(KeyFactory.getInstance("Ed25519").generatePrivate(seed));
    }

    @Test
    void theKeyHasTheSamePublicHalfAndId() {
        assertEquals(vectors.path("public_key").textValue(), hex(signing.publicKey()));
        assertEquals(vectors.path("key").textValue(), signing.keyId());
    }

    @Test
    void schemasHaveTheSameFingerprints() throws BadInput {
        for (Map.Entry<String, JsonNode> one : vectors.path("fingerprints").properties()) {
            long fingerprint = SchemaNormalization.parsingFingerprint64(schemas.of(one.getKey()));
            byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(fingerprint)
                    .array();
            assertEquals(one.getValue().textValue(), hex(bytes), one.getKey());
        }
    }

    @Test
    void treesOfAnySizeHaveTheSameRootsAndPaths() {
        for (JsonNode tree : vectors.path("trees")) {
            List<byte[]> leaves = new ArrayList<>();
            for (int i = 0; i < tree.path("paths").size(); i++) {
                leaves.add(Merkle.leafHash(new byte[] {(byte) i}));
            }
            var levels = Merkle.levels(leaves);
            assertEquals(tree.path("root").textValue(), hex(Merkle.root(levels)));
            for (int i = 0; i < leaves.size(); i++) {
                List<String> path = Merkle.path(levels, i).stream().map(VectorsTest::hex).toList();
                assertEquals(texts(tree.path("paths").path(i)), path);
            }
        }
    }

    @Test
    void aBatchHasTheSameValuesLeavesMessageAndProofs() throws Exception {
        List<byte[]> leaves = new ArrayList<>();
        List<Publisher.Signed> signed = Publisher.signed(lines(), schemas, signing, ledger);
        for (int i = 0; i < signed.size(); i++) {
            JsonNode expected = vectors.path("batch").path(i);
            byte[] value = signed.get(i).value();
            leaves.add(Signing.leaf(ledger, value));
            assertEquals(expected.path("value").textValue(), hex(value));
            assertEquals(expected.path("leaf").textValue(), hex(leaves.get(i)));
            assertEquals(expected.path("proof").textValue(), hex(signed.get(i).proof()));
        }
        byte[] root = Merkle.root(Merkle.levels(leaves));
        assertEquals(vectors.path("root").textValue(), hex(root));
        byte[] message = Signing.message(ledger, leaves.size(), root);
        assertEquals(vectors.path("message").textValue(), hex(message));
        assertEquals(vectors.path("signature").textValue(), hex(signing.sign(message)));
    }

    @Test
    void aValueIsReadBackAsItWasWritten() throws Exception {
        for (JsonNode one : vectors.path("batch")) {
            byte[] value = bytes(one.path("value"));
            assertEquals(hex(value), hex(schemas.encode(schemas.decode(value))));
        }
    }

    @Test
    void aFieldThatIsMissingOrUnknownIsNamed() throws Exception {
        var visit = schemas.of("RecordVisit");
        var json = Line.parse(1, "{\"type\":\"RecordVisit\",\"visitor\":\"x\"}").fields();
        BadInput unknown = assertThrows(BadInput.class, () -> Records.record(visit, json));
        assertEquals("visitor: RecordVisit has no such field", unknown.getMessage());
        json.remove("visitor");
        BadInput missing = assertThrows(BadInput.class, () -> Records.record(visit, json));
        assertEquals("submission_id: is missing", missing.getMessage());
    }

    private List<Line> lines() throws BadInput {
        List<Line> lines = new ArrayList<>();
        for (JsonNode one : vectors.path("batch")) {
            lines.add(Line.parse(lines.size() + 1, one.path("line").toString()));
        }
        return lines;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    private static byte[] bytes(JsonNode hex) {
        return HexFormat.of().parseHex(hex.textValue());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

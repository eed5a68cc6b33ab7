package hengwen.example;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Merkle trees as in RFC 6962 §2.1, with SHA-256. Leaves are given as their hashes. */
final class Merkle {
    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private Merkle() {}

    static byte[] leafHash(byte[]... parts) {
        byte[][] all = new byte[parts.length + 1][];
        all[0] = LEAF;
        System.arraycopy(parts, 0, all, 1, parts.length);
        return sha256(all);
    }

    /** All levels of the tree, leaves first, root last; the last node of an odd level rises unchanged. */
    static List<List<byte[]>> levels(List<byte[]> leaves) {
        List<List<byte[]>> rows = new ArrayList<>();
        List<byte[]> row = leaves;
        rows.add(row);
        while (row.size() > 1) {
            List<byte[]> above = new ArrayList<>();
            for (int i = 0; i + 1 < row.size(); i += 2) {
                above.add(sha256(NODE, row.get(i), row.get(i + 1)));
            }
            if (row.size() % 2 == 1) {
                above.add(row.get(row.size() - 1));
            }
            rows.add(above);
            row = above;
        }
        return rows;
    }

    /** The siblings on the way from leaf {@code index} to the root, leaf side first. */
    static List<byte[]> path(List<List<byte[]>> levels, int index) {
        List<byte[]> path = new ArrayList<>();
        int at = index;
        for (List<byte[]> row : levels.subList(0, levels.size() - 1)) {
            int sibling = at ^ 1;
            if (sibling < row.size()) {
                path.add(row.get(sibling));
            }
            at >>= 1;
        }
        return path;
    }

    static byte[] root(List<List<byte[]>> levels) {
        return levels.get(levels.size() - 1).get(0);
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }
}

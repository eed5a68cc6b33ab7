import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.Map;
import org.apache.poi.hssf.record.crypto.Biff8EncryptionKey;
import org.apache.poi.hssf.usermodel.HSSFFormulaEvaluator;
import org.apache.poi.hssf.usermodel.HSSFWorkbook;

/**
 * Makes the workbooks beside it, with Apache POI 5.2.5 on the class path:
 * java Workbooks.java ROSTER.xls FOLDER, where ROSTER.xls is what roster_samples.old_xls() gives.
 * Each has one trap: in the first person's amount a formula with its computed value, or a password.
 */
public class Workbooks {
    static final int FIRST = 2;
    static final int AMOUNT = 7;
    static final Map<String, String> FORMULAS = Map.of(
        "number", "500+500", "text", "\"10\"&\"00\"", "empty-text", "\"\"", "error", "1/0");

    public static void main(String[] given) throws Exception {
        for (var one : FORMULAS.entrySet()) {
            var book = roster(given[0]);
            var cell = book.getSheet("发放明细").getRow(FIRST).getCell(AMOUNT);
            cell.setBlank();
            cell.setCellFormula(one.getValue());
            new HSSFFormulaEvaluator(book).evaluateFormulaCell(cell);
            write(book, new File(given[1], "formula-" + one.getKey() + ".xls"));
        }
        write(roster(given[0]), new File(given[1], "good.xls"));
        var book = roster(given[0]);
        Biff8EncryptionKey.setCurrentUserPassword("password");
        write(book, new File(given[1], "password.xls"));
    }

    static HSSFWorkbook roster(String path) throws Exception {
        return new HSSFWorkbook(new FileInputStream(path));
    }

    static void write(HSSFWorkbook book, File file) throws Exception {
        try (var out = new FileOutputStream(file)) {
            book.write(out);
        }
    }
}

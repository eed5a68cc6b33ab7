"""The words about files, sheets, batches, and what the ledger answers."""

from typing import Final

from publishers.roster.text import Text

FILE_TEXTS: Final = {
    "FILE_EMPTY": Text(
        "文件是空的", "选择填好的名册文件", "The file is empty",
        "Choose the roster that was filled in",
    ),
    "FILE_TOO_LARGE": Text(
        "文件超过 {limit_mb} MB", "分成几个批次", "The file is over {limit_mb} MB",
        "Split it into batches",
    ),
    "FILE_PDF": Text(
        "这是 PDF, 不是表格", "导入原来的表格文件", "This is a PDF, not a spreadsheet",
        "Import the spreadsheet it was made from",
    ),
    "FILE_IMAGE": Text(
        "这是图片, 不是表格", "导入表格文件", "This is a picture, not a spreadsheet",
        "Import a spreadsheet",
    ),
    "FILE_ARCHIVE": Text(
        "这是压缩包, 不是表格", "解压后导入里面的表格", "This is an archive, not a spreadsheet",
        "Unpack it and import the file",
    ),
    "FILE_WORD": Text(
        "这是文字或演示文档, 不是表格", "把表格复制到模板里",
        "This is a document, not a spreadsheet", "Copy the table into the template",
    ),
    "FILE_XLSB": Text(
        "这是 .xlsb 二进制工作簿", "另存为 .xlsx 后再导入", "This is an .xlsb workbook",
        "Save it as .xlsx and import that",
    ),
    "FILE_ODS": Text(
        "这是 .ods 工作簿", "另存为 .xlsx 后再导入", "This is an .ods workbook",
        "Save it as .xlsx and import that",
    ),
    "FILE_WEB_PAGE": Text(
        "这是网页或 XML, 只是改了扩展名", "用表格软件打开, 另存为 .xlsx 后再导入",
        "This is a web page or XML under another name",
        "Open it in a spreadsheet program. Save it as .xlsx and import that",
    ),
    "FILE_UNKNOWN": Text(
        "认不出这是什么文件", "导入 .xlsx、.xls 或 .csv", "The kind of file is not known",
        "Import .xlsx, .xls or .csv",
    ),
    "FILE_BROKEN": Text(
        "文件不完整, 打不开", "用表格软件打开, 重新保存", "The file is damaged",
        "Open it in a spreadsheet program and save it again",
    ),
    "FILE_PASSWORD": Text(
        "文件有密码", "去掉密码后再导入", "The file has a password",
        "Remove the password and import it again",
    ),
    "FILE_UNZIPPED_TOO_LARGE": Text(
        "文件展开后超过 {limit_mb} MB", "从模板重新填写",
        "The file unpacks to more than {limit_mb} MB", "Start from the template",
    ),
    "FILE_DTD": Text(
        "文件里有外部定义 (DTD), 表格软件不会写这个", "从模板重新填写",
        "The file holds a DTD, which no spreadsheet program writes", "Start from the template",
    ),
    "FILE_TOO_SLOW": Text(
        "读了 {limit_s} 秒还没读完", "从模板重新填写", "Reading took longer than {limit_s} s",
        "Start from the template",
    ),
    "FILE_KILLED_READER": Text(
        "读这个文件的进程中断了, 没有读到内容", "从模板重新填写",
        "The process that read the file was stopped; nothing was read", "Start from the template",
    ),
    "FILE_TOO_BIG_IN_MEMORY": Text(
        "这个文件要的内存超过上限", "从模板重新填写", "The file needs more memory than is allowed",
        "Start from the template",
    ),
    "CSV_ENCODING": Text(
        "csv 的编码认不出", "另存为“CSV UTF-8”后再导入",
        "The encoding of the csv file is not known", "Save it as CSV UTF-8",
    ),
    "CSV_BROKEN": Text(
        "csv 第 {line} 行的引号不成对", "改好引号, 或改用 .xlsx",
        "The quotes on line {line} of the csv file do not match", "Mend the quotes, or use .xlsx",
    ),
    "SHEET_TOO_WIDE": Text(
        "工作表“{sheet}”在第 {limit} 列以外还有内容", "删去右边多余的列",
        "Sheet “{sheet}” has content beyond column {limit}", "Delete the columns on the right",
    ),
    "SHEET_TOO_LONG": Text(
        "工作表“{sheet}”超过 {limit} 行", "分成几个批次",
        "Sheet “{sheet}” has more than {limit} rows", "Split it into batches",
    ),
    "SHEET_TOO_MANY_CELLS": Text(
        "工作表“{sheet}”的格子超过 {limit} 个", "分成几个批次",
        "Sheet “{sheet}” has more than {limit} cells", "Split it",
    ),
    "SHEETS_AMBIGUOUS": Text(
        "有 {count} 张工作表像名册", "只留一张, 或把它命名为“发放明细”",
        "{count} sheets look like a roster", "Keep one, or name it 发放明细",
    ),
    "SHEET_HIDDEN": Text(
        "名册所在的工作表是隐藏的", "取消隐藏, 核对后再导入",
        "The sheet with the roster is hidden", "Unhide it, look at it, import again",
    ),
    "HEADER_MISSING": Text(
        "前 30 行里没有同时写着“姓名”和“证件号码”的表头", "从模板重新填写",
        "None of the first 30 rows is a header with 姓名 and 证件号码", "Start from the template",
    ),
    "ROWS_MISSING": Text(
        "表头下面没有一行数据", "填好后再导入", "There is no row below the header",
        "Fill it in and import it again",
    ),
    "COLUMN_UNKNOWN": Text(
        "不认识这一列, 没有读它", "改成模板里的列名, 或不管它",
        "This column is not known and was not read", "Use a header of the template",
    ),
    "COLUMN_TWICE": Text(
        "这一列与 {first} 列重复", "删去一列", "This column repeats column {first}",
        "Delete one of them",
    ),
    "COLUMN_MISSING": Text("缺少这一列", "按模板补上", "This column is missing", "Add it"),
    "COLUMN_HIDDEN": Text(
        "这一列是隐藏的, 但照样读了", "取消隐藏核对", "This column is hidden but was read",
        "Unhide it and look",
    ),
    "ROW_PASSED_OVER": Text(
        "合计行或重复的表头, 没有当作人员", "不用改",
        "A row of totals or a second header was passed over", "Nothing",
    ),
    "ROWS_HIDDEN": Text(
        "有 {count} 行隐藏或被筛选掉: {rows}", "取消筛选和隐藏, 核对后再导入",
        "{count} rows are hidden or filtered out: {rows}",
        "Unhide them, look at them, import again",
    ),
    "CELLS_MERGED": Text(
        "数据区里有合并单元格, 只有第一格有值", "取消合并, 每行填全",
        "Cells are merged; only the first one has a value", "Unmerge them and fill every row",
    ),
    "DUP_IN_FILE": Text(
        "与第 {other} 行是同一个人、同一件事", "删去一行, 或改正其中一行",
        "The same person for the same as in row {other}", "Delete or correct one",
    ),
    "ROSTER_TOO_LARGE": Text(
        "一份名册最多到第 {limit} 行, 这里到第 {rows} 行", "分成几个批次",
        "A roster has at most {limit} rows, this one {rows}", "Split it",
    ),
    "COUNT_MISMATCH": Text(
        "控制人数 {stated}, 明细 {counted} 行", "核对漏行, 或改控制人数",
        "The control count is {stated}, there are {counted} rows",
        "Look for missing rows, or correct the count",
    ),
    "SUM_MISMATCH": Text(
        "控制金额 {stated_fen}, 明细合计 {counted_fen}, 差 {difference_fen}",
        "核对漏行, 或改控制金额",
        "The control sum is {stated_fen}, the rows make {counted_fen}: a difference of "
        "{difference_fen}", "Look for missing rows, or correct the sum",
    ),
    "SUM_UNKNOWN": Text(
        "有 {rows} 行的金额读不出, 合计无法核对", "先改好这些行",
        "The amounts of {rows} rows cannot be read; the sum cannot be compared",
        "Mend those rows first",
    ),
    "BATCH_MISSING": Text(
        "批次信息里没有填这一项", "补上", "This is missing in 批次信息", "Fill it in",
    ),
    "BATCH_NUMBER_DERIVED": Text(
        "没有批次号", "填一个, 改正后重新导入时才认得出已入账的行", "There is no batch number",
        "Give one, or a corrected file cannot know what was paid",
    ),
    "YEAR_RANGE": Text(
        "年度不对", "写成四位年份", "The year is out of range", "Write four digits",
    ),
    "DATES_REVERSED": Text(
        "止日在起日之前", "对调", "The last day is before the first", "Swap them",
    ),
    "SAME_PERSON": Text(
        "经办人和审核人是同一个人", "由另一个人审核", "Handler and reviewer are the same person",
        "Have somebody else review",
    ),
    "STAFF_BY_NAME": Text(
        "没有工号, 按姓名识别; 同名的两个人会当成一个人", "填写工号",
        "Known by name only: two of one name would be one person", "Give a staff code",
    ),
    "REFUSED": Text(
        "总账规则不通过: {reason}", "", "The ledger's rules refuse it: {reason}", "",
    ),
    "VISIT_REFUSED": Text(
        "走访不能入账: {reason}", "", "The visit would be refused: {reason}", "",
    ),
    "ROSTER_REFUSED": Text(
        "名册不能入账: {reason}", "", "The roster would be refused: {reason}", "",
    ),
    "ALREADY_PAID": Text(
        "已入账", "不用再发; 要改内容请先冲正", "Already recorded",
        "Nothing; to change it, reverse it first",
    ),
    "ALREADY_PAID_OTHERWISE": Text(
        "已入账, 但当时的内容与本行不同", "要改内容请先冲正",
        "Already recorded, with other content than this row", "To change it, reverse it first",
    ),
    "REFUSED_BEFORE": Text(
        "上次导入时被拒绝, 重复导入得到同样的结果", "原因消除后加 --attempt 再导入",
        "Refused in an earlier import; repeating it gives the same answer",
        "When the cause is gone, import again with --attempt",
    ),
    "LEFT_OUT": Text(
        "没有导入, 已在名册里记明", "改好后重新导入", "Left out, and recorded as such",
        "Correct it and import again",
    ),
    "SERIES_FULL": Text(
        "这个文件已分成 8 份名册入账", "其余的行换一个批次号, 另作一份文件",
        "This file has been split into 8 rosters already",
        "Put the other rows into a file with another batch number",
    ),
    "LEFT_OUT_TOO_MANY": Text(
        "要剔除的行有 {count} 行, 名册只记得下 {limit} 行", "先改好文件",
        "{count} rows would be left out, {limit} can be recorded", "Correct the file first",
    ),
}  # fmt: skip

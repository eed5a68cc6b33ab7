"""The words about cells: what may stand in them, and what the rules ask of a row."""

from typing import Final

from publishers.roster.text import Text

CELL_TEXTS: Final = {
    "CELL_ERROR": Text(
        "该格是错误值 (如 #DIV/0!)", "改成真实内容", "The cell holds an error",
        "Enter the real value",
    ),
    "CELL_TYPE": Text(
        "该格的类型不对 (逻辑值或时间)", "按列名重新录入",
        "The cell holds a truth value or a time", "Enter what the header asks for",
    ),
    "CELL_MISSING": Text("没有填", "补上", "The cell is empty", "Fill it in"),
    "FORMULA": Text(
        "该格是公式", "选中整列, 复制, 选择性粘贴为数值", "The cell holds a formula",
        "Copy the column and paste it as values",
    ),
    "FORMULA_EMPTY": Text(
        "该格的公式没有算出结果", "粘贴为数值", "The formula has no result", "Paste it as a value",
    ),
    "TEXT_LENGTH": Text(
        "超过 {limit} 个字", "缩短", "The text is longer than {limit}", "Shorten it",
    ),
    "TEXT_CONTROL": Text(
        "含有看不见的控制字符或乱码", "重新录入这一格",
        "The cell holds control characters or garbled text", "Type it again",
    ),
    "ID_NUMERIC": Text(
        "该格是数值, Excel 只保留 15 位, 后面的数字已丢失 (末位是 X 的仍是文本, 所以只有部分行出错)",
        "把整列设为“文本”, 从原始资料重新录入, 不要在末尾补 0",
        "The cell is a number; Excel keeps 15 digits and has lost the rest (numbers that end in X"
        " are still texts)",
        "Format the column as text and enter it again from the original",
    ),
    "ID_SCIENTIFIC": Text(
        "是科学计数法, 后面的数字已丢失", "从原始资料重新录入",
        "The number is in scientific notation; digits are lost",
        "Enter it again from the original",
    ),
    "AMOUNT_TEXT": Text(
        "不是数字", "只写数字, 如 500 或 500.00, 不带“元”", "This is no number",
        "Write digits only, like 500 or 500.00",
    ),
    "AMOUNT_SCALE": Text(
        "金额多于两位小数", "改成精确到分", "More than two decimals", "Give whole fen",
    ),
    "AMOUNT_NEGATIVE": Text(
        "金额是负数", "名册里只写发放; 退款用冲正", "The amount is negative",
        "A roster holds payments only; reverse a payment to take it back",
    ),
    "AMOUNT_TOO_LARGE": Text(
        "金额太大", "核对单位是不是元", "The amount is too large", "Check that the unit is yuan",
    ),
    "WHOLE_NUMBER": Text("要写整数", "改成整数", "A whole number is wanted", "Write one"),
    "DATE_FORMAT": Text(
        "读不出日期", "写成 2019-01-20", "This is no date", "Write it as 2019-01-20",
    ),
    "DATE_SERIAL": Text(
        "日期格是数字, 按 Excel 序列值读作 {day}", "确认后设为日期格式",
        "The date is a bare number, read as {day}", "Confirm it and format it as a date",
    ),
    "DATE_SERIAL_1904": Text(
        "日期格是数字, 而这个工作簿用 1904 日期系统", "把该列设为日期格式",
        "The date is a bare number in a workbook of the 1904 calendar",
        "Format the column as dates",
    ),
    "DATE_FUTURE": Text(
        "日期在今天之后", "核对日期", "The date is in the future", "Check the date",
    ),
    "DATE_OUTSIDE_BATCH": Text(
        "{day} 不在批次的发放日期 {first} 至 {last} 之内", "改日期, 或改批次的起止",
        "{day} is outside the batch's days {first} to {last}",
        "Change the date, or the days of the batch",
    ),
    "CHOICE": Text(
        "不在可选的内容里", "从下拉列表里选 (见“代码表”)", "This is not one of the choices",
        "Choose from the list (sheet 代码表)",
    ),
    "NAME_MISSING": Text("没有姓名", "补上", "There is no name", "Fill it in"),
    "NAME_DIGITS": Text("姓名里有数字", "改成姓名", "The name has digits", "Enter the name"),
    "NAME_LENGTH": Text("姓名太长", "一格只写一个人", "The name is too long", "One person a cell"),
    "NAME_UNREADABLE": Text("姓名里有乱码", "重新录入", "The name is garbled", "Type it again"),
    "NAME_SIGN": Text(
        "姓名里有符号、括号或表情", "只写一个人的姓名, 说明写在备注",
        "The name has signs, brackets or emoji", "Write one person's name only",
    ),
    "NAME_PRIVATE_USE": Text(
        "姓名里有自造字, 换一台电脑会看不见", "有标准字就改用标准字",
        "The name has a private character that other machines cannot show",
        "Use the standard character if there is one",
    ),
    "EMPLOYER_MISSING": Text("没有工作单位", "补上", "There is no employer", "Fill it in"),
    "ID_MISSING": Text("没有证件号码", "补上", "There is no document number", "Fill it in"),
    "ID_TYPE": Text(
        "证件号码与证件类型不符", "核对证件类型", "Number and type do not agree", "Check the type",
    ),
    "ID_LENGTH": Text(
        "证件号码的位数不对", "与证件逐位核对", "The number has the wrong length",
        "Compare it with the document",
    ),
    "ID_LENGTH_15": Text(
        "一代证号码已停用", "填写 18 位", "15-digit numbers are no longer used",
        "Enter the 18-digit number",
    ),
    "ID_FORMAT": Text(
        "证件号码的写法不对", "与证件逐位核对", "The number has the wrong form",
        "Compare it with the document",
    ),
    "ID_CHECKSUM": Text(
        "校验码不符", "与证件逐位核对", "The check digit does not fit",
        "Compare it with the document",
    ),
    "ID_BIRTH": Text(
        "号码里的出生日期不存在或在今天之后", "与证件逐位核对",
        "The birth date in the number does not exist", "Compare it with the document",
    ),
    "ID_REGION": Text(
        "号码前 6 位不是任何时期的区划码", "与证件核对",
        "The first six digits were never a division code", "Compare with the document",
    ),
    "PASSPORT_FOREIGN": Text(
        "不是中国护照的号码", "核对证件类型", "This is no Chinese passport number",
        "Check the type",
    ),
    "AGE_UNUSUAL": Text(
        "年龄不在 16 至 70 岁之间", "核对是否本人", "The age is not from 16 to 70",
        "Check whether it is the right person",
    ),
    "CARD_FORMAT": Text(
        "卡号应为数字", "与银行卡核对", "A card number is digits", "Compare it with the card",
    ),
    "CARD_CHECKSUM": Text(
        "卡号的校验位不符", "与银行卡逐位核对", "The check digit does not fit",
        "Compare it with the card",
    ),
    "CARD_UNUSUAL": Text(
        "不是 62 开头的银行卡, 可能是存折或旧卡", "核对能否入账",
        "Not a card beginning with 62: a passbook or an old card",
        "Check that money can arrive there",
    ),
    "CARD_SHARED": Text(
        "{count} 个人用同一张卡", "核对是否集中代领", "{count} persons share this card",
        "Check whether somebody collects for all",
    ),
    "PHONE_SHARED": Text(
        "{count} 个人用同一个电话", "核对电话", "{count} persons share this phone",
        "Check the phone",
    ),
    "PHONE_MISSING": Text("没有电话", "有就补上", "There is no phone", "Add it if there is one"),
    "PHONE_FORMAT": Text(
        "不是手机号码, 也不是座机号码", "核对", "This is no phone number, mobile or landline", "Check it"
    ),
    "PHONE_ABSENT": Text(
        "没有“联系电话”列, 每一行都没有电话", "有就加这一列",
        "No column 联系电话: no row has a phone", "Add the column if there are phones",
    ),
    "HOLDER_DIFFERS": Text(
        "户名与姓名不同", "是代领就填代领人各栏", "The account holder is another person",
        "Fill in the proxy if it is one",
    ),
    "PROXY_IS_RECIPIENT": Text(
        "代领人就是领取人本人", "改证件号码, 或不要选代领", "The proxy is the recipient",
        "Correct the number or the form",
    ),
    "WORKER_IS_RECIPIENT": Text(
        "职工就是领取人本人", "家属领取时才填这几栏", "The worker is the recipient",
        "Fill these in for relatives only",
    ),
    "EVIDENCE_MISSING": Text(
        "这一类对象要有证明材料编号", "填写证明材料", "This category needs an evidence document",
        "Enter its number",
    ),
    "CERTIFICATE_MISSING": Text(
        "没有证明材料, 批次里也没有单位证明", "填写本行的证明材料, 或在批次信息里填单位证明文号",
        "Neither evidence in the row nor a unit certificate in the batch", "Enter one of them",
    ),
    "IDENTITY_IN_PAPER": Text(
        "编号里写着姓名或证件号码, 这一栏会原样入账", "只写编号",
        "The number holds a name or document number, and is recorded as it is",
        "Write the number only",
    ),
    "REGION_FORMAT": Text(
        "区划码是 6 位数字", "改成 6 位区划码", "A division code has six digits", "Correct it",
    ),
    "REGION_ZONE": Text(
        "这是园区等统计用码, 不是行政区划", "改填单位所在县市, 属于 {meant}",
        "A code of statistics, not a division", "Enter the county or city, of {meant}",
    ),
    "GOODS_OTHER": Text(
        "慰问品不在代码表里, 记为“其他”", "有合适的就从代码表里选",
        "The goods are not in the list and are recorded as other",
        "Choose from the list if something fits",
    ),
    "VISIT_MISSING": Text(
        "走访慰问没有走访日期和走访人", "有走访就补上", "No visit is given",
        "Add day and visitors if there was one",
    ),
    "REMARK_NOT_PUBLISHED": Text(
        "有 {count} 行写了备注: 备注不入账, 只留在这份文件里", "要入账的写进相应的列",
        "{count} rows have a remark: remarks are not published, they stay in this file",
        "What must be recorded belongs in a column of its own",
    ),
    "TYPE_DEFAULT": Text(
        "没有“证件类型”列, 都按居民身份证", "不是就加这一列",
        "No column 证件类型: all are taken for identity cards", "Add it if not so",
    ),
    "TIER_DEFAULT": Text(
        "没有“帮扶方式”列, 都按送温暖走访慰问", "不是就加这一列",
        "No column 帮扶方式: all are taken for visits", "Add it if not so",
    ),
}  # fmt: skip

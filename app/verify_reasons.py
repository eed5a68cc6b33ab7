"""Why a check of a verification failed or was not made, in both languages, by the code of the reason."""

from typing import Final

from app.problems import Words

FAILED: Final[dict[str, Words]] = {
    "FILE_DIFFERS": Words("文件被改动或缺失:{file}", "a file was changed or is missing: {file}"),
    "FILE_DERIVED_DIFFERS": Words("{file} 不是由事件得出的", "{file} is not what the events give"),
    "FILE_MISSING": Words("清单没有 {file}", "the manifest lacks {file}"),
    "FILE_UNKNOWN": Words(
        "多出的文件,没有登记或不属证据包:{file}",
        "a file that no pack has, or not in the manifest: {file}",
    ),
    "CLAIM_DIFFERS": Words(
        "清单所称 {file} 不是由事件得出的", "the manifest's {file} is not what the events give"
    ),
    "RECORD_MORE": Words(
        "{file} 的记录带有证据包不含的键或头",
        "records of {file} have keys or headers, which no pack has",
    ),
    "EVENT_DIFFERS": Words("有事件不成分录 ({file})", "an event is no entry of books ({file})"),
    "NOT_DENSE": Words("应为此序号,读到 {found}", "this position is due, {found} was read"),
    "COUNT_DIFFERS": Words(
        "应有 {expected} 条,只有 {found} 条", "{found} events instead of {expected}"
    ),
    "ENDS_EARLY": Words("到此为止,应到 {expected}", "ends here, should reach {expected}"),
    "UNREADABLE": Words("从此处起读不出 ({error})", "cannot be read from here on ({error})"),
    "NOT_SIGNED": Words(
        "校验点不是由应有的公钥签的", "the checkpoint is not signed by a key that may"
    ),
    "KEY_NOT_IN_FORCE": Words(
        "签名的密钥不得签大小 {size} 的树:当时尚未启用或已更换",
        "signed by a key that may not sign the tree of {size}: it had ended, or not begun",
    ),
    "SIGNATURE_FALSE": Words("签名是假的", "the signature is false"),
    "SIGNATURE_MISSING": Words("没有应有公钥的签名", "a key that must sign did not"),
    "SM2_FALSE": Words("SM2 签名是假的", "the SM2 signature is false"),
    "SM2_MISSING": Words("没有所给 SM2 公钥的签名", "the SM2 key you gave did not sign"),
    "OTHER_ORIGIN": Words("来源不同:{origin}", "another origin: {origin}"),
    "BYTES_DIFFER": Words(
        "该事件的字节不是已签的(树大小 {size})",
        "the event's bytes are not what was signed (tree of {size})",
    ),
    "EVENTS_MISSING": Words("缺少已签的事件", "an event that was signed is missing"),
    "ROOT_DIFFERS": Words(
        "在此处至 {until} 之间与已签的不同", "differs between here and {until} from what was signed"
    ),
    "OTHER_SIZE": Words(
        "包称有 {claimed} 条,已签的只有 {size} 条",
        "the pack claims {claimed} events, {size} are signed",
    ),
    "NO_EVENT": Words("不是事件,而是 {type}", "no event, but {type}"),
    "TILES_DIFFER": Words("瓦片算不出已签的根", "the tiles do not give the root that was signed"),
    "SHORTER": Words(
        "历史被截短:校验点已到 {size}", "the history was cut: a checkpoint reaches {size}"
    ),
    "NOT_WITNESSED": Words(
        "大小 {size} 的校验点没有 {quorum} 方副署,只副署到 {witnessed}",
        "the tree of {size} lacks {quorum} cosignatures, those reach {witnessed}",
    ),
    "OTHER_HISTORY": Words(
        "历史被改写:与大小 {size} 的校验点不符", "history was rewritten: not the tree of {size}"
    ),
    "NOTCANONICAL": Words("不是规范编码", "not in canonical form"),
    "NOTAVRO": Words("不是 Avro 记录", "not an Avro record"),
    "UNKNOWNSCHEMA": Words("模式指纹未知", "unknown schema fingerprint"),
    "TIME_FALLS": Words("入账时间早于前一条", "recorded before the event before it"),
    "TIME_DIFFERS": Words("入账时间不是提交的写入时间", "not the time the submission was appended"),
    "VERSION": Words("流 {stream} 的版本 {version} 不接上一条", "version {version} of {stream}"),
    "PREVIOUS": Words(
        "流 {stream} 第 {version} 条的前一条摘要不符",
        "event {version} of {stream} names another event before it",
    ),
    "IN_VERSION": Words("入账链 {stream} 的 {version} 不接上一条", "receiving chain of {stream}"),
    "IN_PREVIOUS": Words(
        "入账链 {stream} 第 {version} 条的前一条摘要不符",
        "receiving chain of {stream}: {version} names another event before it",
    ),
    "FINGERPRINT": Words("模式 {schema} 的指纹不符", "the fingerprint of {schema} is another"),
    "TEXT_DIGEST": Words("模式 {schema} 的文本摘要不符", "the digest of {schema} is another"),
    "TWO_TEXTS": Words("同一指纹两份文本:{schema}", "two texts under one fingerprint: {schema}"),
    "NOT_REGISTERED": Words("模式 {fingerprint} 未登记", "schema {fingerprint} is not registered"),
    "NOT_FREE": Words("动用了 {account} 没有的分", "fen are drawn that are not free in {account}"),
    "TWICE": Words("{account} 的分出现两次", "fen of {account} are in two places"),
    "LOT_UNKNOWN": Words("批次 {lot} 不存在", "there is no lot {lot}"),
    "LOT_EXCEEDED": Words("超出批次 {lot}", "more than lot {lot} holds"),
    "LOT_ELSEWHERE": Words("批次 {lot} 不属 {account}", "lot {lot} is not of {account}"),
    "AMOUNT": Words("金额不等于动用的分之和", "the amount is not the sum of its draws"),
    "PAYMENT_UNKNOWN": Words("没有这笔发放", "there is no such payment"),
    "PAYMENT_STATE": Words("发放不在所称的状态", "the payment is not in the state it says"),
    "PAYMENT_DRAWS": Words("退回的不是当初动用的分", "not the fen that the payment drew"),
    "ROSTER_TOTAL": Words("名册合计与其发放不符", "the roster's total is not that of its payments"),
    "NEGATIVE": Words("资金 {fund} 出现负数", "fund {fund} went below zero"),
    "NOT_CONSERVED": Words("资金 {fund} 不守恒", "fund {fund} is not conserved"),
    "LATER_HIDDEN": Words(
        "{account} 在 {size} 之前有事件被隐去", "an event of {account} up to {size} was hidden"
    ),
    "SUMS_DIFFER": Words(
        "{account} 在 {size} 的金额与所给事件不符:有事件被隐去",
        "what {account} held at {size} is not what the events here give: one of them was hidden",
    ),
    "REGISTRY_HIDDEN": Words(
        "登记在 {size} 之前应有 {due} 条,包内只有 {held} 条或有改动",
        "up to {size} the registry has {due} events; here are {held}, or others",
    ),
    "EVENTS_HIDDEN": Words(
        "{organisation} 在 {size} 之前应有 {due} 条事件,包内只有 {held} 条或有改动",
        "up to {size} {organisation} has {due} events; here are {held}, or others",
    ),
    "CHAINS_MISSING": Words(
        "{size} 处签过各机构的链,包内没有其证明",
        "chains were signed at {size}, and their proofs are not here",
    ),
    "CHAINS_OLD": Words(
        "各机构的链只证明到 {size},已签到 {newest}",
        "chains are proven up to {size}, signed up to {newest}",
    ),
    "PROOF_OLD": Words(
        "{account} 的余额证明只到 {size},已签的余额到 {newest}",
        "the balance proof of {account} is of {size}, balances were signed up to {newest}",
    ),
    "PROOF_MISSING": Words("{account} 没有余额证明", "there is no balance proof of {account}"),
    "ORGANISATION_UNKNOWN": Words(
        "机构 {organisation} 有账户而没有登记",
        "organisation {organisation} has an account and is not registered",
    ),
    "PART_OF_NOBODY": Words(
        "本部分所属的机构 {organisation} 没有登记",
        "the part is said to be of {organisation}, which is not registered",
    ),
    "PROOF_FALSE": Words("余额证明不成立 ({why})", "a balance proof does not hold ({why})"),
    "BALANCES_DIFFER": Words(
        "签名的余额或各机构的链不是前 {size} 条事件所得",
        "balances, or chains of organisations, are not those of the first {size} events",
    ),
    "BALANCE_IMPOSSIBLE": Words("余额为负或过大", "a balance below zero, or too large"),
    "SUBMISSION_MISSING": Words("裁决所据的提交缺失", "the submission is missing"),
    "EVENT_MISSING": Words("提交没有裁决", "the submission has no verdict"),
    "SUBMISSION_DIFFERS": Words("提交不是裁决所据的那一份", "not the submission of the verdict"),
    "VERDICT_DIFFERS": Words(
        "这条记录不是其提交的合法结果", "the record is not the lawful result of its submission"
    ),
    "VERDICT_UNREADABLE": Words("裁决不可读", "the verdict cannot be read"),
    "NOT_REDACTABLE": Words("被接受的提交不能隐去", "a submission that was accepted is left out"),
    "NOT_SENT": Words(
        "所附证明不能证实是有权者提交 ({why})",
        "its proof does not show that somebody who may submitted it ({why})",
    ),
    "NOT_RECORDED": Words(
        "内容已隐去,总账却没有隐去的记录", "content is left out, and no record in the log says so"
    ),
    "OTHER_DIGEST": Words(
        "这条隐去记录写的不是序号 {original} 的摘要",
        "this redaction does not name the digest of position {original}",
    ),
    "NOT_PROVEN": Words(
        "内容已隐去,所附证明不能证实是有权者提交",
        "its content is left out, and its proof does not show that somebody who may submitted it",
    ),
    "RULES_MISSING": Words("本程序没有当时的规则", "this program lacks the rules then in force"),
    "AHEAD": Words(
        "数据库走到了总账之外 ({position})", "the database is past the log ({position})"
    ),
    "OTHER_LEDGER": Words("数据库来自另一本总账", "the database was made from another log"),
    "ROWS_DIFFER": Words("读模型 {model} 的行不同", "rows of read model {model} differ"),
    "NOT_THERE": Words("没有本版本的读模型", "there are no read models of this version"),
}
"""Why a check does not hold."""

NOT_CHECKED: Final[dict[str, Words]] = {
    "NO_CHECKPOINT": Words("没有校验点", "there is no checkpoint"),
    "PART": Words("包只是总账的一部分", "the pack is a part of the log"),
    "NOT_DERIVED": Words(
        "其余相符;这些文件在此无从重做,未核:{files}",
        "all else is; these files cannot be made again here and are not checked: {files}",
    ),
    "BALANCES_EARLIER": Words(
        "{accounts} 个至 {size} 齐全;此后至 {last} 没有签过余额,未核",
        "{accounts} are whole up to {size}; no balances were signed from there to {last},"
        " which is not checked",
    ),
    "SIGNED_EARLIER": Words(
        "{organisations} 个机构至 {size} 一条不缺;此后至 {last} 没有签过,未核",
        "{organisations} organisations are whole up to {size}; nothing was signed from there to"
        " {last}, which is not checked",
    ),
    "CHAINS_OPEN": Words(
        "所含各段相接;包不从第一条开始,各链此前的事件有无缺失,未核",
        "linked as far as they are here; whether links before the first of each are missing is not"
        " checked, for the pack does not begin with the first event",
    ),
    "FROM_MIDDLE": Words("包不从第一条开始,无从核", "the pack does not begin with the first event"),
    "NO_BALANCES": Words("范围内没有签过余额", "no balances were signed within it"),
    "TAIL": Words(
        "部分包说明不了登记末尾没有被删,未被事件提及的机构可能整个不在",
        "a part cannot show that nothing was cut from the end of its registry: an organisation"
        " that no event here names may be missing altogether",
    ),
    "STOPPED": Words("前面已不符,无从核", "stopped at an earlier failure"),
    "REDACTED": Words(
        "{count} 份内容已按记录隐去,首份在序号 {first};其裁决无从重做,照录",
        "{count} redacted as recorded, the first at position {first}; verdicts taken as they are",
    ),
    "RECORD_BEYOND": Words(
        "{count} 份内容已隐去,本包内没有隐去记录,首份在序号 {first};记录是否在包尾之后,未核",
        "{count} left out that nothing here records, the first at position {first};"
        " whether a record stands behind the end of this part is not checked",
    ),
    "NO_TILES": Words(
        "瓦片算不出已签的根,部分包无从核", "without the tiles of the signed tree nothing is known"
    ),
    "NO_EVENTS": Words(
        "公布的只有哈希,事件另给审计", "hashes alone are published; auditors get the events"
    ),
    "NO_SUBMISSIONS": Words(
        "公布的没有提交;重新裁决要用证据包", "no submissions are published; take an evidence pack"
    ),
    "LEFT_OUT": Words("按要求未做 (--quick)", "left out as asked (--quick)"),
}
"""Why a check was not made, or not to the end."""

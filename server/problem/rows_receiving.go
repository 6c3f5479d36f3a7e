package problem

// receivingRows are the codes of bundles and verdicts (sbom/receiving).
var receivingRows = []Row{
	{
		Code: "BUNDLE-SIZE-LIMIT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle is larger than a bundle may be.", "証明束が許容される大きさを超えています。"},
		Remedy: Text{"Fetch the bundle again with yurai fetch.", "yurai fetch で証明束を取得し直してください。"},
	},
	{
		Code: "BUNDLE-FILE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle is damaged or not a bundle.", "証明束が壊れているか、証明束ではありません。"},
		Remedy: Text{"Fetch the bundle again with yurai fetch.", "yurai fetch で証明束を取得し直してください。"},
	},
	{
		Code: "BUNDLE-FORMAT-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle has a format that this program does not read.", "この版では読めない形式の証明束です。"},
		Remedy: Text{"Install a newer yurai, or give a bundle of format yurai-bundle/1.", "新しい yurai を導入するか、yurai-bundle/1 形式の証明束を指定してください。"},
	},
	{
		Code: "BUNDLE-FILE-ABSENT", Exit: 10, Severity: SeverityError,
		Cause:  Text{"Nothing proves that this file is in a log.", "このファイルが台帳にあることを示す証拠がありません。"},
		Remedy: Text{"Ask the vendor for FILE.yurai.json, or name a log with --server.", "ベンダーから FILE.yurai.json を受け取るか、--server で台帳を指定してください。"},
	},
	{
		Code: "BUNDLE-GENESIS-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The bundle is not of the log that the trust file pins.", "信頼ファイルが指定する台帳の証明束ではありません。"},
		Remedy: Text{"Do not accept the file; compare the genesis digest with the log operator.", "受け入れず、genesis のダイジェストを台帳運営者に照合してください。"},
	},
	{
		Code: "BUNDLE-GENESIS-KEYS", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The log's first entry names other checkpoint keys than the trust file.", "台帳の最初の記録と信頼ファイルのチェックポイント鍵が異なります。"},
		Remedy: Text{"Do not accept the file; take a new trust file from the log operator.", "受け入れず、台帳運営者から信頼ファイルを受け取り直してください。"},
	},
	{
		Code: "BUNDLE-KIND-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The bundle proves a statement that is not about a BOM.", "証明束の申告は部品表に関するものではありません。"},
		Remedy: Text{"Give the bundle that was made for this file.", "このファイルのために作成された証明束を指定してください。"},
	},
	{
		Code: "BUNDLE-PROOF-INVALID", Exit: 11, Severity: SeverityError,
		Cause:  Text{"Something in the bundle does not verify.", "証明束の検証に失敗しました。"},
		Remedy: Text{"Do not accept the file; fetch a new bundle and keep this one as evidence.", "受け入れず、証明束を取得し直し、この証明束は証跡として保存してください。"},
	},
	{
		Code: "BUNDLE-STATUS-KIND", Exit: 11, Severity: SeverityError,
		Cause:  Text{"What should be the log's status is another statement.", "状態証明の位置に別の種別の申告があります。"},
		Remedy: Text{"Do not accept the file; fetch a new bundle and keep this one as evidence.", "受け入れず、証明束を取得し直し、この証明束は証跡として保存してください。"},
	},
	{
		Code: "BUNDLE-STATUS-THRESHOLD", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The log's status has too few signatures.", "状態証明の署名数が不足しています。"},
		Remedy: Text{"Do not accept the file; fetch a new bundle and keep this one as evidence.", "受け入れず、証明束を取得し直し、この証明束は証跡として保存してください。"},
	},
	{
		Code: "BUNDLE-STATUS-OTHER", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The log's status in the bundle is about something else.", "証明束の状態証明が別の対象に関するものです。"},
		Remedy: Text{"Fetch the bundle again with yurai fetch.", "yurai fetch で証明束を取得し直してください。"},
	},
	{
		Code: "BUNDLE-HISTORY-INCOMPLETE", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The bundle lacks an entry that concerns the file or its signer.", "ファイルまたは署名者に関わる記録が証明束に欠けています。"},
		Remedy: Text{"Fetch the bundle again with yurai fetch; if it stays, report the server.", "yurai fetch で取得し直し、変わらなければサーバーについて報告してください。"},
	},
	{
		Code: "BUNDLE-BLOB-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The bundle names other bytes than the statement that it proves.", "証明束が、証明する申告とは別の内容を指しています。"},
		Remedy: Text{"Fetch the bundle again with yurai fetch and keep this one as evidence.", "この証明束を証跡として保存し、yurai fetch で取得し直してください。"},
	},
	{
		Code: "BUNDLE-STATUS-ABSENT", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The bundle has no status of the log, so a later revocation could be hidden.", "証明束に状態証明がなく、その後の失効を確認できません。"},
		Remedy: Text{"Renew the bundle with yurai fetch.", "yurai fetch で証明束を更新してください。"},
	},
	{
		Code: "BUNDLE-STATUS-FUTURE", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The log's status is dated after the time of judgement.", "状態証明の日時が判定時刻より後です。"},
		Remedy: Text{"Correct this machine's clock or the time given with --at.", "この機器の時計、または --at の時刻を直してください。"},
	},
	{
		Code: "BUNDLE-STATUS-STALE", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The log's status is older than the policy allows.", "状態証明がポリシーの許容期間を過ぎています。"},
		Remedy: Text{"Renew the bundle with yurai fetch.", "yurai fetch で証明束を更新してください。"},
	},
	{
		Code: "BUNDLE-STATUS-AGED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The log's status is not fresh, but still within what the policy allows.", "状態証明は新しくありませんが、許容期間内です。"},
		Remedy: Text{"Renew the bundle with yurai fetch when a connection is at hand.", "接続できるときに yurai fetch で証明束を更新してください。"},
	},
	{
		Code: "BUNDLE-RECEIPT-OTHER", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's receipt is not for the statement that was sent.", "サーバーの受領証は送信した申告のものではありません。"},
		Remedy: Text{"Keep the answer as evidence and tell the log operator; nothing was written.", "応答を証跡として保存し、台帳運営者に連絡してください（ファイルには何も書き込んでいません）。"},
	},
	{
		Code: "TRUST-LOG-UNKNOWN", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The trust file does not name the log of this bundle.", "信頼ファイルにこの証明束の台帳がありません。"},
		Remedy: Text{"Use the trust file of that log, or ask your organisation to add the log.", "その台帳の信頼ファイルを使うか、台帳の追加を自組織に依頼してください。"},
	},
	{
		Code: "TRUST-FILE-EXPIRED", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The trust file has expired.", "信頼ファイルの有効期限が切れています。"},
		Remedy: Text{"Take a new trust file from the log operator.", "台帳運営者から新しい信頼ファイルを受け取ってください。"},
	},
	{
		Code: "LOG-ENTRY-ABSENT", Exit: 12, Severity: SeverityError,
		Cause:  Text{"The log has no entry for this file.", "台帳にこのファイルの記録がありません。"},
		Remedy: Text{"Do not install it; ask the vendor to submit this very file.", "設置せず、このファイルそのものの登録をベンダーに依頼してください。"},
	},
	{
		Code: "VERDICT-FORMAT-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The verdict's file has another format than this program reads.", "判定ファイルの形式が、このプログラムで読めるものではありません。"},
		Remedy: Text{"Give the file that `yurai check -f json` wrote, or update this program.", "`yurai check -f json` が出力したファイルを指定するか、このプログラムを更新してください。"},
	},
	{
		Code: "VERDICT-FILE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The verdict's file is no verdict, or its word does not stand on its rows.", "判定ファイルが判定の形式でないか、判定の語が各行の結果と合いません。"},
		Remedy: Text{"Give one verdict as `yurai check -f json` wrote it.", "`yurai check -f json` が出力した判定を1件、そのまま指定してください。"},
	},
	{
		Code: "VERDICT-FILE-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The entry is about another verdict than the file.", "この記録は、ファイルとは別の判定に関するものです。"},
		Remedy: Text{"Give the verdict whose digest the entry names.", "記録が示すダイジェストの判定を指定してください。"},
	},
	{
		Code: "VERDICT-FIELD-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The entry says something else than the verdict that it names.", "記録の内容が、それが示す判定の内容と異なります。"},
		Remedy: Text{"Rely on the verdict, and ask the operator who signed the entry why.", "判定の内容を正とし、記録に署名した事業者に理由を確認してください。"},
	},
	{
		Code: "DECISION-POLICY-OTHER", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy is another one than the verdict rests on.", "指定されたポリシーは、判定に使われたものではありません。"},
		Remedy: Text{"Give the policy whose digest the verdict names.", "判定が示すダイジェストのポリシーを指定してください。"},
	},
	{
		Code: "DECISION-VERDICT-ACCEPT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The verdict is ACCEPT: there is nothing to waive.", "判定は受入（ACCEPT）であり、特例承認の対象がありません。"},
		Remedy: Text{"Record `yurai decision install` if it is put to use.", "導入する場合は `yurai decision install` で記録してください。"},
	},
	{
		Code: "DECISION-RULE-FIXED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"Something stands against the verdict that nobody may waive.", "特例承認できない事由が判定に含まれています。"},
		Remedy: Text{"Mend what the message names and check again; only rules that the policy marks as waivable are waived.", "特例承認できるのはポリシーが認めた規則だけなので、示された事由を解消して再判定してください。"},
	},
	{
		Code: "DECISION-VERDICT-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The decision is on another verdict.", "この判断は別の判定に対するものです。"},
		Remedy: Text{"Rely on no decision for this verdict, or look for the one that names it.", "この判定への判断とはみなさず、この判定を示す判断の記録を確認してください。"},
	},
	{
		Code: "DECISION-RULE-MISSING", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The decision waives other rules than those that stand against the verdict.", "特例承認された規則が、判定の事由となった規則と一致しません。"},
		Remedy: Text{"Have it decided anew on this verdict.", "この判定について改めて判断を受けてください。"},
	},
	{
		Code: "DECISION-WAIVER-ENDED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The waiver has ended.", "特例承認の期限が過ぎています。"},
		Remedy: Text{"Check again, and have it decided anew if it still holds.", "再判定し、なお保留であれば改めて判断を受けてください。"},
	},
	{
		Code: "VERDICT-BYTES-DIFFER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The file is not the one that was signed.", "ファイルが署名されたものと一致しません。"},
		Remedy: Text{"Do not install it; take the file from the vendor again and keep this one as evidence.", "設置せず、ベンダーからファイルを受け取り直し、このファイルは証跡として保存してください。"},
	},
	{
		Code: "VERDICT-ADVISORY-BAN", Exit: 11, Severity: SeverityError,
		Cause:  Text{"An advisory in force bans what the BOM describes.", "部品表の対象は、有効な注意喚起により使用が禁止されています。"},
		Remedy: Text{"Do not accept the delivery; ask whoever issued the advisory.", "受け入れず、注意喚起の発行者に確認してください。"},
	},
	{
		Code: "VERDICT-ADVISORY-RECALL", Exit: 10, Severity: SeverityError,
		Cause:  Text{"An advisory in force recalls what the BOM describes, or bans a part whose maker it does not name.", "部品表の対象は回収の注意喚起、または製造者を特定しない部品の禁止の対象です。"},
		Remedy: Text{"Hold the delivery until the vendor has answered the advisory.", "ベンダーが注意喚起に対応するまで受入を保留してください。"},
	},
	{
		Code: "VERDICT-ADVISORY-NOTICE", Severity: SeverityNote,
		Cause:  Text{"An advisory speaks of what the BOM describes.", "部品表の対象についての注意喚起があります。"},
		Remedy: Text{"Read the advisory.", "注意喚起の内容を確認してください。"},
	},
	{
		Code: "VERDICT-ADVISORY-UNSURE", Exit: 10, Severity: SeverityError,
		Cause:  Text{"An advisory may be about what the BOM describes, and the document does not say enough to tell.", "注意喚起の対象に当たるかどうかを、部品表の内容から判断できません。"},
		Remedy: Text{"Ask the vendor for the maker and number of the parts, written in plain letters.", "部品の製造者と型番を、通常の文字による表記でベンダーに確認してください。"},
	},
	{
		Code: "VERDICT-SCOPE-SHORT", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The stage demands more than a document check.", "この段階では書類以外の確認が必要です。"},
		Remedy: Text{"Check at stage tender, or look at the unit as the policy demands.", "段階 tender で検査するか、ポリシーに従って現品を確認してください。"},
	},
	{
		Code: "VERDICT-POLICY-PIN", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The policy is not the one that the trust file pins.", "信頼ファイルが指定するポリシーではありません。"},
		Remedy: Text{"Give the pinned policy with --policy, with its bundle beside it (yurai fetch FILE --policy).", "指定されたポリシーを --policy で与え、その証明束を同じ場所に置いてください（yurai fetch FILE --policy）。"},
	},
	{
		Code: "VERDICT-POLICY-KIND", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle beside the policy proves a statement of another kind.", "ポリシーに添えられた証明束は、別の種類の申告のものです。"},
		Remedy: Text{"Fetch the policy's own: yurai fetch FILE --policy.", "yurai fetch FILE --policy でポリシーの証明束を取得してください。"},
	},
	{
		Code: "VERDICT-POLICY-ENTRY", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The entry does not show that the file is the policy that the trust file pins.", "記録は、このファイルが信頼ファイルの指定するポリシーであることを示していません。"},
		Remedy: Text{"Get policy and bundle from the signer that the trust file names, of the log that proves the file.", "信頼ファイルが指定する署名者から、このファイルを証明する台帳のポリシーと証明束を入手してください。"},
	},
	{
		Code: "VERDICT-POLICY-VOID", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The policy's entry rests on keys that were revoked before it.", "ポリシーの記録は、それ以前に失効した鍵によるものです。"},
		Remedy: Text{"Ask its owner to publish the policy again with a key that stands.", "所有者に、有効な鍵での再公開を求めてください。"},
	},
	{
		Code: "VERDICT-POLICY-SUPERSEDED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The log has a newer version of the policy.", "台帳にこのポリシーのより新しい版があります。"},
		Remedy: Text{"Judge by the newest version.", "最新の版で判定してください。"},
	},
	{
		Code: "VERDICT-POLICY-UNPROVEN", Exit: 14, Severity: SeverityError,
		Cause:  Text{"Nothing shows that the policy is still the newest.", "ポリシーが最新であることを確認できません。"},
		Remedy: Text{"Renew its bundle: yurai fetch FILE --policy.", "yurai fetch FILE --policy で証明束を更新してください。"},
	},
	{
		Code: "VERDICT-PROFILE-KIND", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle given as a profile proves a statement of another kind.", "企業情報として指定された証明束は、別の種類の申告のものです。"},
		Remedy: Text{"Give one that yurai fetch --profile wrote.", "yurai fetch --profile で取得した証明束を指定してください。"},
	},
	{
		Code: "VERDICT-PROFILE-TWICE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"Two bundles are of the profile of one party.", "同じ当事者の企業情報の証明束が二つ指定されています。"},
		Remedy: Text{"Give the newer one alone.", "新しい方だけを指定してください。"},
	},
	{
		Code: "VERDICT-PROFILE-LIMIT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"More profiles or files of openings are given than one verdict takes.", "一度の判定で扱える数を超える企業情報または開示ファイルが指定されています。"},
		Remedy: Text{"Give those of the parties that the file names.", "ファイルに記載された当事者のものだけを指定してください。"},
	},
	{
		Code: "VERDICT-PROFILE-VOID", Exit: 10, Severity: SeverityError,
		Cause:  Text{"A profile rests on keys that were revoked before it, and is no fact.", "企業情報はそれ以前に失効した鍵によるものであり、事実として扱いません。"},
		Remedy: Text{"Ask the party to publish its profile again with a key that stands.", "当事者に、有効な鍵での再公開を求めてください。"},
	},
	{
		Code: "VERDICT-PROFILE-SUPERSEDED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The party has said something newer of itself, and the old profile is no fact.", "当事者が新しい企業情報を公開しており、古いものは事実として扱いません。"},
		Remedy: Text{"Fetch the newest with yurai fetch --profile, and ask the party for its openings.", "yurai fetch --profile で最新のものを取得し、その開示ファイルを当事者に求めてください。"},
	},
	{
		Code: "VERDICT-PROFILE-SUSPENDED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The party is suspended, and what it says of itself is no fact.", "当事者は停止されており、その企業情報を事実として扱いません。"},
		Remedy: Text{"Ask whoever suspended the party what that means for the delivery.", "停止措置を取った機関に、納入への影響を照会してください。"},
	},
	{
		Code: "VERDICT-PROFILE-UNPROVEN", Exit: 14, Severity: SeverityError,
		Cause:  Text{"Nothing shows that the profile is the newest as of the file, so it is no fact.", "企業情報がファイルの時点で最新であることを確認できないため、事実として扱いません。"},
		Remedy: Text{"Renew its bundle after that of the file: yurai fetch --profile.", "ファイルの証明束より後に、yurai fetch --profile で企業情報の証明束を更新してください。"},
	},
	{
		Code: "VERDICT-PROFILE-UNUSED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"A profile is about no party that the file names by its id in that log.", "企業情報は、ファイルがその台帳の識別子で示すどの当事者のものでもありません。"},
		Remedy: Text{"Have the vendor name its parties by their ids (yurai:party:maker:id).", "ベンダーに、当事者を識別子で記載するよう求めてください（yurai:party:maker:id）。"},
	},
	{
		Code: "VERDICT-PROFILE-WITHHELD", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Fields of a profile are committed to and not opened: they are withheld, and unknown.", "企業情報の一部が秘匿されたまま開示されておらず、不明として扱います。"},
		Remedy: Text{"Ask the party for the openings, and give them with --opening.", "当事者に開示ファイルを求め、--opening で指定してください。"},
	},
	{
		Code: "VERDICT-PROFILE-CONTRADICTED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The file and the profile of a party cannot both be right.", "ファイルの記載と当事者の企業情報が矛盾しています。"},
		Remedy: Text{"Ask vendor and party which is right; until then neither clears anything.", "ベンダーと当事者にどちらが正しいかを確認し、それまではどちらも根拠として扱わないでください。"},
	},
	{
		Code: "VERDICT-POLICY-STARTER", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The starter policy judged, which nobody has verified.", "検証されていない初期ポリシーで判定しました。"},
		Remedy: Text{"Choose a policy with --policy, or pin one in the trust file.", "--policy で指定するか、信頼ファイルでポリシーを固定してください。"},
	},
	{
		Code: "VERDICT-POLICY-TESTS", Exit: 10, Severity: SeverityError,
		Cause:  Text{"Tests that the policy carries fail: it does not do what its author says.", "ポリシーの自己テストが不合格であり、作成者の意図どおりに動いていません。"},
		Remedy: Text{"Run `yurai policy test` on the policy, and have its author mend it.", "`yurai policy test` で確認し、作成者に修正を依頼してください。"},
	},
	{
		Code: "VERDICT-POLICY-UNTESTED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Tests of the policy could not be run, or it carries none.", "ポリシーの自己テストを実行できないか、テストがありません。"},
		Remedy: Text{"Keep the files that its tests name beside the policy.", "テストが参照するファイルをポリシーと同じ場所に置いてください。"},
	},
	{
		Code: "VERDICT-CONTEXT-MISSING", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Rules apply because nobody told what the delivery is for.", "納入の用途が指定されていないため、該当しうる規則をすべて適用しました。"},
		Remedy: Text{"Tell it with --context, such as --context sector=electricity.", "--context sector=electricity のように指定してください。"},
	},
	{
		Code: "VERDICT-ASSESSED-CHANGED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"What is offered is not what was assessed before.", "審査した内容から変更されています。"},
		Remedy: Text{"Look at what changed with `yurai diff`, and assess it anew if it matters.", "`yurai diff` で変更点を確認し、必要なら再審査してください。"},
	},
	{
		Code: "VERDICT-ASSESSED-UNREAD", Exit: 10, Severity: SeverityError,
		Cause:  Text{"What was assessed before cannot be read.", "以前に審査した部品表を読み取れません。"},
		Remedy: Text{"Give the bill of materials, or the case, that was assessed.", "審査した部品表または案件を指定してください。"},
	},
	{
		Code: "VERDICT-CASE-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The case has another format, or a newer one, than this program reads.", "案件の形式が、このプログラムで読めるものではないか、より新しいものです。"},
		Remedy: Text{"Give the folder that `yurai check --keep` wrote, or update this program.", "`yurai check --keep` が作成したフォルダーを指定するか、このプログラムを更新してください。"},
	},
	{
		Code: "VERDICT-CASE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The case is not as `yurai check --keep` writes it.", "案件が `yurai check --keep` の出力した形ではありません。"},
		Remedy: Text{"Take the folder again from whoever kept it.", "保管者からフォルダーを受け取り直してください。"},
	},
	{
		Code: "VERDICT-CASE-DIFFERS", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The kept inputs do not give the verdict of the case.", "保管された入力から、案件の判定は再現されません。"},
		Remedy: Text{"Do not rely on the verdict; ask who kept the case, and with which version of this program it was made.", "この判定に依拠せず、保管者と、判定に使ったプログラムの版を確認してください。"},
	},
	{
		Code: "VERDICT-INPUT-MISSING", Exit: 3, Severity: SeverityError,
		Cause:  Text{"An input of the case is not in its folder.", "案件の入力の一つがフォルダーにありません。"},
		Remedy: Text{"Take the whole folder again from whoever kept it.", "保管者からフォルダー全体を受け取り直してください。"},
	},
	{
		Code: "VERDICT-INPUT-ALTERED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"An input of the case is not the one that was judged.", "案件の入力の一つが、判定に使われたものと異なります。"},
		Remedy: Text{"Take the whole folder again from whoever kept it, and keep this one as evidence.", "保管者からフォルダー全体を受け取り直し、このフォルダーは証跡として保存してください。"},
	},
	{
		Code: "VERDICT-LINK-UNREAD", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The file links to a BOM that was not judged beside it.", "参照先の部品表が併せて判定されていません。"},
		Remedy: Text{"Get it with yurai fetch FILE --linked, or from the vendor and name it with --linked.", "yurai fetch FILE --linked で取得するか、ベンダーから受け取って --linked で指定してください。"},
	},
	{
		Code: "VERDICT-LINK-OTHER", Exit: 10, Severity: SeverityError,
		Cause:  Text{"A BOM at hand has the serial number and version of a linked one, and other bytes.", "手元の部品表は、参照先とシリアル番号・版が同じでも内容が異なります。"},
		Remedy: Text{"Ask the vendor for the very file whose SHA-256 the link states.", "参照に記載されたSHA-256と一致するファイルをベンダーに求めてください。"},
	},
	{
		Code: "VERDICT-LINK-CONTRADICTED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"A link names one BOM by its BOM-Link and another by its digest.", "参照のBOM-Linkとダイジェストが別々の部品表を指しています。"},
		Remedy: Text{"Ask the vendor which is meant, and for a corrected BOM.", "どちらが正しいかベンダーに確認し、訂正した部品表を求めてください。"},
	},
	{
		Code: "VERDICT-LINK-DIGEST", Exit: 10, Severity: SeverityError,
		Cause:  Text{"A link states no SHA-256, or two of them, so that it means no one BOM.", "参照にSHA-256がないか複数あり、参照先の部品表を特定できません。"},
		Remedy: Text{"Ask the vendor for a BOM whose links state the SHA-256 of what they lead to.", "参照先のSHA-256を記載した部品表をベンダーに求めてください。"},
	},
	{
		Code: "VERDICT-LINK-UNSURE", Exit: 10, Severity: SeverityError,
		Cause:  Text{"A BOM-Link states no digest, and nothing proves which entry it means.", "BOM-Linkにダイジェストがなく、どの記録を指すのか証明できません。"},
		Remedy: Text{"Fetch the linked BOM's bundle if it is of the same party; else ask for a link with a SHA-256.", "同じ当事者のものなら参照先の証明束を取得し、そうでなければSHA-256のある参照を求めてください。"},
	},
	{
		Code: "VERDICT-LINK-LIMIT", Exit: 10, Severity: SeverityError,
		Cause:  Text{"More BOMs are linked, or farther away, than are followed.", "参照先の部品表が多すぎるか、段数が深すぎます。"},
		Remedy: Text{"Check the linked BOMs on their own, and ask the vendor for a flatter list.", "参照先の部品表を個別に検査し、参照の少ない部品表をベンダーに求めてください。"},
	},
	{
		Code: "VERDICT-LINK-INVALID", Exit: 10, Severity: SeverityError,
		Cause:  Text{"What a link leads to is no BOM that can be read.", "参照先は部品表として読み取れません。"},
		Remedy: Text{"Look at it with yurai bom lint, and ask the vendor for a BOM.", "yurai bom lint で確認し、ベンダーに正しい部品表を求めてください。"},
	},
	{
		Code: "VERDICT-ORIGIN-UNJUDGED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"No rule of the policy spoke on origin.", "ポリシーに原産地を判定した規則がありません。"},
		Remedy: Text{"Use a policy that has a rule in row origin.", "origin 行の規則を持つポリシーを使ってください。"},
	},
	{
		Code: "STATEMENT-BOM-MISMATCH", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement does not say what its BOM says.", "申告の内容が部品表と一致しません。"},
		Remedy: Text{"Sign the file again with yurai sign and submit both.", "yurai sign でファイルに署名し直し、両方を登録してください。"},
	},
	{
		Code: "STATE-BOM-SUPERSEDED", Exit: 10, Severity: SeverityNote,
		Cause:  Text{"A later entry takes the place of this BOM.", "後の記録がこの部品表を差し替えています。"},
		Remedy: Text{"Ask the vendor for the newer BOM.", "ベンダーに新しい部品表を求めてください。"},
	},
	{
		Code: "STATE-BOM-EQUIVOCAL", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The party signed two different BOMs under one serial number and version.", "同じシリアル番号と版で異なる部品表が署名されています。"},
		Remedy: Text{"Hold the delivery and ask the vendor which of the two is meant.", "受入を保留し、どちらが正しいかベンダーに確認してください。"},
	},
	{
		Code: "STATE-BOM-STANDING", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The entry has a standing that this version does not judge.", "この版では判定できない状態の記録です。"},
		Remedy: Text{"Install a newer yurai and check again.", "新しい yurai を導入して再検査してください。"},
	},
	{
		Code: "STATE-BOM-REVOKED", Severity: SeverityNote,
		Cause:  Text{"The BOM was signed by a key that was revoked later, and stands.", "部品表は後に失効した鍵で署名されていますが、署名時点では有効でした。"},
		Remedy: Text{"Ask the vendor to sign the BOM again with a key that stands.", "有効な鍵による再署名をベンダーに依頼してください。"},
	},
	{
		Code: "STATE-BOM-SETTLED", Severity: SeverityNote,
		Cause:  Text{"The party had signed other bytes under the same serial number and version, and they no longer count.", "同じシリアル番号と版の別の部品表がありましたが、失効または取下げにより効力がありません。"},
		Remedy: Text{"Make sure that nobody uses the other BOM.", "もう一方の部品表が使われていないことを確認してください。"},
	},
	{
		Code: "STATE-BOM-VOID", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The BOM's signature rests on keys that were revoked from an earlier entry on.", "部品表の署名は、その記録より前から失効した鍵によるものです。"},
		Remedy: Text{"Reject the delivery, and ask the vendor for a BOM signed with a key that stands.", "受け入れず、有効な鍵で署名した部品表をベンダーに求めてください。"},
	},
	{
		Code: "STATE-BOM-WITHDRAWN", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The BOM was withdrawn by its party or by the registrar.", "部品表は当事者または登録機関により取り下げられています。"},
		Remedy: Text{"Hold the delivery and ask the vendor what takes its place.", "受入を保留し、代わりの部品表をベンダーに確認してください。"},
	},
	{
		Code: "STATE-DELEGATE-LAPSED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The BOM was signed by a delegate whose delegation has ended, and nothing shows that it was signed before.", "部品表は委任が終了した鍵で署名されており、終了前の署名であることを確認できません。"},
		Remedy: Text{"Ask the vendor to prolong the delegation or to sign the BOM itself.", "委任の延長、またはベンダー自身による署名を依頼してください。"},
	},
	{
		Code: "STATE-PARTY-SUSPENDED", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The party that signed the BOM is suspended.", "部品表に署名した当事者は停止措置を受けています。"},
		Remedy: Text{"Hold the delivery until the suspension is lifted.", "停止措置が解除されるまで受入を保留してください。"},
	},
}

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
		Code: "VERDICT-BYTES-DIFFER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The file is not the one that was signed.", "ファイルが署名されたものと一致しません。"},
		Remedy: Text{"Do not install it; take the file from the vendor again and keep this one as evidence.", "設置せず、ベンダーからファイルを受け取り直し、このファイルは証跡として保存してください。"},
	},
	{
		Code: "VERDICT-ADVISORY-UNREAD", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The log holds advisories that this version cannot read.", "台帳にこの版では読めない注意喚起があります。"},
		Remedy: Text{"Install a newer yurai and check again.", "新しい yurai を導入して再検査してください。"},
	},
	{
		Code: "VERDICT-SCOPE-SHORT", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The stage demands more than a document check.", "この段階では書類以外の確認が必要です。"},
		Remedy: Text{"Check at stage tender, or look at the unit as the policy demands.", "段階 tender で検査するか、ポリシーに従って現品を確認してください。"},
	},
	{
		Code: "VERDICT-POLICY-PIN", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The policy is not the one that the trust file pins.", "信頼ファイルが指定するポリシーではありません。"},
		Remedy: Text{"Give the pinned policy with --policy.", "指定されたポリシーを --policy で与えてください。"},
	},
	{
		Code: "VERDICT-POLICY-STARTER", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The starter policy judged, which nobody has verified.", "検証されていない初期ポリシーで判定しました。"},
		Remedy: Text{"Choose a policy with --policy, or pin one in the trust file.", "--policy で指定するか、信頼ファイルでポリシーを固定してください。"},
	},
	{
		Code: "VERDICT-LINK-UNREAD", Exit: 10, Severity: SeverityError,
		Cause:  Text{"The file links to a BOM that was not judged beside it.", "参照先の部品表が併せて判定されていません。"},
		Remedy: Text{"Check both in one call: yurai check FILE LINKED --trust T.", "yurai check FILE LINKED --trust T のように両方を一度に検査してください。"},
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
}

package problem

// cliRows are the codes of the command line.
var cliRows = []Row{
	{
		Code: "CLI-CODE-UNKNOWN", Exit: 2, Severity: SeverityError,
		Cause:  Text{"No such code is known to this program.", "このプログラムにないコードです。"},
		Remedy: Text{"Copy the code from between the square brackets of the message.", "メッセージの角括弧内のコードをそのまま指定してください。"},
	},
	{
		Code: "CLI-FILE-UNREADABLE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A file cannot be read.", "ファイルを読めません。"},
		Remedy: Text{"Correct its name, or give yourself leave to read it.", "ファイル名を直すか、読み取り権限を付けてください。"},
	},
	{
		Code: "CLI-BLOB-OTHER", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server sent other bytes than those that were asked for by their digest.", "サーバーが、要求したダイジェストと異なる内容を送りました。"},
		Remedy: Text{"Do not use this server for it; ask the vendor for the file and name it with --linked.", "このサーバーからは取得せず、ベンダーからファイルを受け取って --linked で指定してください。"},
	},
	{
		Code: "CLI-LINKED-OTHER", Exit: 3, Severity: SeverityWarning,
		Cause:  Text{"A file in FILE.linked holds other bytes than its name says.", "FILE.linked にあるファイルの内容が、ファイル名のダイジェストと一致しません。"},
		Remedy: Text{"Fetch it again with yurai fetch FILE --linked.", "yurai fetch FILE --linked で取得し直してください。"},
	},
	{
		Code: "CLI-FILE-LARGE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A file is larger than anything of its kind may be.", "ファイルがその種類の上限を超えています。"},
		Remedy: Text{"Check that it is the right file; a bill of materials that large must be split and linked.", "正しいファイルか確認し、大きすぎる部品表は分割してリンクしてください。"},
	},
	{
		Code: "CLI-FILE-EXISTS", Exit: 2, Severity: SeverityError,
		Cause:  Text{"A file that is never overwritten exists already.", "上書きしないファイルが既に存在します。"},
		Remedy: Text{"Choose another name with -o, or move the old file away.", "-o で別の名前を指定するか、既存のファイルを移動してください。"},
	},
	{
		Code: "CLI-FILE-UNWRITABLE", Exit: 1, Severity: SeverityError,
		Cause:  Text{"A file cannot be written.", "ファイルを書き込めません。"},
		Remedy: Text{"Make room, or name a folder that you may write to.", "空き容量を確保するか、書き込めるフォルダーを指定してください。"},
	},
	{
		Code: "CLI-KEY-TWICE", Exit: 2, Severity: SeverityError,
		Cause:  Text{"One key is given twice.", "同じ鍵が二度指定されています。"},
		Remedy: Text{"Name each key once.", "各鍵を一度だけ指定してください。"},
	},
	{
		Code: "CLI-REQUEST-POSSESSION", Exit: 5, Severity: SeverityError,
		Cause:  Text{"The request is not signed by every key that it asks to enrol.", "登録を求める鍵のすべてが申請に署名していません。"},
		Remedy: Text{"Have the applicant make it again with `yurai party request` and every --key.", "申請者に、すべての鍵を --key に指定して `yurai party request` をやり直してもらってください。"},
	},
	{
		Code: "CLI-STATEMENT-KIND", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement is of another kind than this command takes.", "このコマンドで扱えない種類の申告です。"},
		Remedy: Text{"Give the file that `yurai sign`, `yurai party request` or `yurai party change` wrote.", "`yurai sign`、`yurai party request`、`yurai party change` のいずれかが書いたファイルを指定してください。"},
	},
	{
		Code: "CLI-STATEMENT-FILE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement was signed for other bytes than those of the file.", "申告はこのファイルと異なる内容に対して署名されています。"},
		Remedy: Text{"Sign the file again with `yurai sign`, or give the file that was signed.", "`yurai sign` で署名し直すか、署名したファイルを指定してください。"},
	},
	{
		Code: "CLI-STATEMENT-BOM", Exit: 2, Severity: SeverityError,
		Cause:  Text{"A statement about a bill of materials is submitted together with the file.", "部品表の申告はファイルと一緒に提出します。"},
		Remedy: Text{"Name the file too: `yurai submit FILE --statement S`.", "`yurai submit FILE --statement S` のようにファイルも指定してください。"},
	},
	{
		Code: "CLI-POLICY-ABSENT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy that the verdict rests on is not part of this program.", "判定に使われたポリシーは、このプログラムに含まれていません。"},
		Remedy: Text{"Give its file with --policy.", "そのファイルを --policy で指定してください。"},
	},
	{
		Code: "CLI-POLICY-TESTS", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A test that the policy carries fails.", "ポリシーに含まれるテストが失敗しました。"},
		Remedy: Text{"Correct the rule, or what the test expects, and publish again.", "規則またはテストの期待値を直してから、もう一度公開してください。"},
	},
	{
		Code: "CLI-PROFILE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The profile's file is not in its format.", "企業情報ファイルの形式が正しくありません。"},
		Remedy: Text{"Correct it after the example in `yurai help profile publish`.", "`yurai help profile publish` の例に従って直してください。"},
	},
	{
		Code: "CLI-WITHDRAW-KIND", Exit: 3, Severity: SeverityError,
		Cause:  Text{"Only bills of materials, advisories and attestations are withdrawn.", "取り下げられるのは部品表・注意喚起・証明書の記録だけです。"},
		Remedy: Text{"Name another entry, or use `yurai party revoke` or `yurai party suspend` for keys and parties.", "別の記録を指定するか、鍵や当事者には `yurai party revoke` または `yurai party suspend` を使ってください。"},
	},
	{
		Code: "CLI-ATTESTATION-KIND", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The entry is about no bytes and no party that could be attested.", "証明の対象となるファイルや当事者についての記録ではありません。"},
		Remedy: Text{"Name an entry of kind bom, list or party, or the digest or party itself.", "種別が bom・list・party の記録か、ダイジェストまたは当事者を直接指定してください。"},
	},
	{
		Code: "CLI-PARTY-UNKNOWN", Exit: 5, Severity: SeverityError,
		Cause:  Text{"The log enrols no party with this id.", "このIDの当事者は台帳に登録されていません。"},
		Remedy: Text{"Correct the id, or have the registrar enrol the party first.", "IDを直すか、先に登録機関に登録を依頼してください。"},
	},
	{
		Code: "CLI-BUNDLE-PARTY", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle holds nothing about this party.", "証明束にこの当事者の記録がありません。"},
		Remedy: Text{"Give a bundle of something that the party signed, or ask the server with --server.", "この当事者が署名したものの証明束を指定するか、--server でサーバーに問い合わせてください。"},
	},
	{
		Code: "CLI-KEYS-VOID", Exit: 5, Severity: SeverityError,
		Cause:  Text{"Too few of the party's keys stand for it to sign anything.", "当事者の有効な鍵が足りず、何も署名できません。"},
		Remedy: Text{"Make new keys with `yurai key new`, name them with --new, and have the registrar enrol the change.", "`yurai key new` で新しい鍵を作って --new で指定し、変更の登録を登録機関に依頼してください。"},
	},
	{
		Code: "CLI-KEY-OTHER", Exit: 5, Severity: SeverityError,
		Cause:  Text{"A key that is to sign is none that stands for the one who acts.", "署名に使う鍵は、この当事者の有効な鍵ではありません。"},
		Remedy: Text{"Look with `yurai party show` which keys stand; new keys of a party come in with --new.", "`yurai party show` で有効な鍵を確認し、新しい鍵は --new で指定してください。"},
	},
	{
		Code: "CLI-SUCCESSOR-OTHER", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The successor's genesis does not follow on this log as it is.", "後継の創始記録が、この台帳の現在の内容を引き継ぐものではありません。"},
		Remedy: Text{"Make the successor with yurai init --predecessor and the address of this log's server.", "この台帳のサーバーを yurai init --predecessor に指定して、後継の台帳を作成してください。"},
	},
	{
		Code: "CLI-SUSPENSION-NONE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"There is no suspension to lift.", "解除すべき一時停止がありません。"},
		Remedy: Text{"Look with `yurai party show` who is suspended, and by whom.", "`yurai party show` で一時停止の有無と発行者を確認してください。"},
	},
	{
		Code: "CLI-ENTRY-ABSENT", Exit: 12, Severity: SeverityError,
		Cause:  Text{"The log has no such entry.", "台帳に該当する記録がありません。"},
		Remedy: Text{"Correct the number, digest or id, or ask again when the log has grown.", "番号・ダイジェスト・IDを確認し、必要なら台帳の更新後に再度照会してください。"},
	},
	{
		Code: "CLI-ANSWER-MALFORMED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's answer cannot be used.", "サーバーの応答を利用できません。"},
		Remedy: Text{"Check that the address is that of a ledger server of this version, then try again.", "アドレスが対応する版の台帳サーバーのものか確認し、再試行してください。"},
	},
	{
		Code: "CLI-WAIT-ENDED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The entry is recorded, and its receipt kept, but the witnesses had not cosigned it when the time to wait was over.", "記録と受領証の保存は完了しましたが、待ち時間内に立会人の連署が得られませんでした。"},
		Remedy: Text{"Run yurai fetch for the file later, and ask the log operator if it stays so.", "後で yurai fetch を実行し、解消しない場合は台帳運営者に問い合わせてください。"},
	},
	{
		Code: "CLI-BUNDLE-OLDER", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's bundle is older than the one at hand or has no usable status, so that one is kept.", "サーバーの証明束が手元のものより古いか有効な状態証明を欠くため、手元のものを残しました。"},
		Remedy: Text{"Try again later; if the server stays behind, tell the operator of the log.", "後で再試行し、サーバーが遅れたままなら台帳運営者に知らせてください。"},
	},
	{
		Code: "CLI-PARTY-SEVERAL", Exit: 10, Severity: SeverityError,
		Cause:  Text{"More than one party, or too many entries, speak of this file, and nothing says whose word is wanted.", "このファイルについて複数の当事者または多数の記録が申告しており、どれに拠るべきか決められません。"},
		Remedy: Text{"Get FILE.yurai.json from the supplier: it names the entry to judge by.", "判定の拠りどころとなる記録を示す FILE.yurai.json を供給元から受け取ってください。"},
	},
	{
		Code: "CLI-BUNDLE-OTHER", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bundle says nothing that this log could be held to.", "この台帳と照合できる内容が証明束にありません。"},
		Remedy: Text{"Give a bundle of the log that is audited, one with a status.", "監査対象の台帳の、状態証明を含む証明束を指定してください。"},
	},
	{
		Code: "AUDIT-GENESIS-OTHER", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The log does not begin with the genesis that the trust file pins.", "台帳の最初の記録が、信頼ファイルで指定された創始記録と異なります。"},
		Remedy: Text{"Accept nothing from this log, and compare the trust file with the log operator by another way.", "この台帳からは何も受け入れず、別の経路で台帳運営者に信頼ファイルを照合してください。"},
	},
	{
		Code: "AUDIT-RULE-BROKEN", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The log took an entry that its own rules refuse.", "台帳が自らの規則に反する記録を受け入れています。"},
		Remedy: Text{"Keep the entry as evidence and have the log operator explain it.", "その記録を証跡として保存し、台帳運営者に説明を求めてください。"},
	},
	{
		Code: "AUDIT-BOM-REFUSED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The log took a bill of materials that its rules of content refuse.", "台帳が内容の規則に反する部品表を受け入れています。"},
		Remedy: Text{"Hold what rests on this entry and tell the vendor and the log operator.", "この記録に基づく受入を保留し、ベンダーと台帳運営者に知らせてください。"},
	},
	{
		Code: "AUDIT-BOM-LOST", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The bytes of an entry's bill of materials cannot be read.", "記録された部品表の内容を読めません。"},
		Remedy: Text{"Have the vendor submit the same file again, which restores it.", "ベンダーに同じファイルの再提出を依頼すれば復旧します。"},
	},
	{
		Code: "AUDIT-FINDINGS-MORE", Severity: SeverityNote,
		Cause:  Text{"More findings with one code were made than are shown.", "同じコードの指摘が表示数を超えています。"},
		Remedy: Text{"Mend those that are shown and audit again.", "表示された指摘に対処してから再度監査してください。"},
	},
}

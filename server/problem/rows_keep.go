package problem

// keepRows are the codes of keeping a log whole: fsck, backup, restore, anchors.
var keepRows = []Row{
	{
		Code: "STORE-ORIGIN-DAMAGED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The file that names the log is damaged, or the journal is another log's.", "台帳の名称を記したファイルが破損しているか、ジャーナルが別の台帳のものです。"},
		Remedy: Text{"Write the origin of config.yaml and a line feed into log/origin, and check again.", "config.yaml の origin と改行を log/origin に書き込み、もう一度点検してください。"},
	},
	{
		Code: "STORE-INSTANCE-DAMAGED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The instance file cannot be read, so that the log signs nothing.", "instance ファイルを読めないため、台帳は署名を行いません。"},
		Remedy: Text{"Hold the log against an anchor with yurai serve --anchor, which writes the file anew.", "yurai serve --anchor でアンカーと照合すると、ファイルは作り直されます。"},
	},
	{
		Code: "STORE-INSTANCE-MOVED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The folder is not the one that the log was made in, or was restored.", "フォルダーは台帳が作成された場所のものではないか、復元されたものです。"},
		Remedy: Text{"Nothing for a copy that is only read; a log that is to go on here needs yurai serve --anchor.", "読むだけの写しなら不要ですが、ここで運用を続けるには yurai serve --anchor が必要です。"},
	},
	{
		Code: "STORE-RECORD-DAMAGED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"Part of a journal record is damaged, of which another copy is whole.", "ジャーナルの記録の一部が破損していますが、もう一方の写しは無事です。"},
		Remedy: Text{"Check the disk and start the log again, which writes a damaged head anew.", "ディスクを点検して台帳を再起動すれば、破損した見出しは書き直されます。"},
	},
	{
		Code: "STORE-HISTORY-DAMAGED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"An older segment of the journal is damaged; the log does not need it to open.", "過去のジャーナルファイルが破損していますが、台帳の起動には影響しません。"},
		Remedy: Text{"Check the disk and put the segment back from a backup, or move it away: it is history.", "ディスクを点検し、バックアップから戻すか、履歴として別の場所に移してください。"},
	},
	{
		Code: "STORE-HISTORY-ABSENT", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Older segments of the journal are not in the folder.", "過去のジャーナルファイルがフォルダーにありません。"},
		Remedy: Text{"Nothing if they were moved away on purpose; else put them back from a backup.", "意図して移したのであれば不要で、そうでなければバックアップから戻してください。"},
	},
	{
		Code: "STORE-ENTRIES-PENDING", Exit: 11, Severity: SeverityError,
		Cause:  Text{"Entries are not in their file as the journal has them.", "記録ファイルの内容が、ジャーナルに含まれる記録と一致しません。"},
		Remedy: Text{"Start the log again, which writes them from the newest segment of the journal; if it stays, check the disk and restore the file.", "再起動すれば最新のジャーナルから書き直され、解消しない場合はディスクを点検してファイルを復元してください。"},
	},
	{
		Code: "STORE-TAIL-UNCOMMITTED", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Bytes lie behind the log: a batch that is being committed, or never was.", "台帳の末尾の後にデータがあります（確定中、または未確定の一括分）。"},
		Remedy: Text{"Nothing: the next start sets aside what was never committed.", "未確定の分は次の起動時に退避されるため、対処は不要です。"},
	},
	{
		Code: "STORE-ASIDE-KEPT", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"Bytes that were found behind the log at a start are kept as evidence.", "起動時に台帳の末尾の後で見つかったデータが、証跡として保管されています。"},
		Remedy: Text{"Delete the file once nobody needs it.", "不要になったら削除してください。"},
	},
	{
		Code: "STORE-DERIVED-ABSENT", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"The files derived from the entries are not in the folder.", "記録から導出されるファイルがフォルダーにありません。"},
		Remedy: Text{"Nothing: they are made from the entries when the log is opened.", "台帳を開くときに記録から作られるため、対処は不要です。"},
	},
	{
		Code: "STORE-COPY-AHEAD", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The backup has more entries than the ledger, which is an old copy itself.", "バックアップの方が記録数が多く、台帳のフォルダーの方が古い複製です。"},
		Remedy: Text{"Do not serve this folder: find the newer one, or restore the backup into a new folder.", "このフォルダーは運用せず、新しい方を探すか、バックアップを新しいフォルダーに復元してください。"},
	},
	{
		Code: "STORE-COPY-OTHER", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder holds a backup of another log, or of another history of this one.", "フォルダーにあるのは別の台帳、またはこの台帳の別の履歴のバックアップです。"},
		Remedy: Text{"Name another folder for this backup, and keep the old one: if both are of one origin, one of them forked.", "別のフォルダーを指定し、以前のものは保管してください（同じ origin であれば、いずれかが分岐しています）。"},
	},
	{
		Code: "STORE-POINT-ABSENT", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The journal does not hold the record that the backup says it ends with.", "バックアップの末尾とされる記録がジャーナルにありません。"},
		Remedy: Text{"Make the backup again, or restore an older one.", "バックアップを取り直すか、以前のものを復元してください。"},
	},
	{
		Code: "SERVER-BEGINNING-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The file of the genesis or of the first admission is not what the log begins with.", "起点または最初の受理条件のファイルが、台帳の先頭の記録と一致しません。"},
		Remedy: Text{"Put the file back from a backup.", "バックアップからファイルを戻してください。"},
	},
	{
		Code: "SERVER-FOLDER-BACKUP", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder is a backup, which is neither served nor backed up.", "フォルダーはバックアップであり、そのまま起動やバックアップの対象にはできません。"},
		Remedy: Text{"Make a ledger from it with yurai restore.", "yurai restore で台帳を復元してください。"},
	},
	{
		Code: "SERVER-BACKUP-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder holds no complete backup that this program reads.", "フォルダーに、この版で読める完全なバックアップがありません。"},
		Remedy: Text{"Make the backup again, or name the folder of one that was completed.", "バックアップを取り直すか、完了したバックアップのフォルダーを指定してください。"},
	},
	{
		Code: "SERVER-BACKUP-DAMAGED", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The copy does not stand the check of its bytes.", "写しがバイト単位の照合に合格しませんでした。"},
		Remedy: Text{"Find the damaged side with yurai fsck, and copy again into a new folder.", "yurai fsck で破損している側を特定し、新しいフォルダーに取り直してください。"},
	},
	{
		Code: "SERVER-ANCHOR-UNREACHABLE", Exit: 4, Severity: SeverityError,
		Cause:  Text{"An anchor gave no answer.", "アンカーから応答がありません。"},
		Remedy: Text{"Correct the address or try again when it can be reached; without it nothing shows that this copy is the newest.", "アドレスを確認するか、接続できるようになってから再試行してください（照合なしでは最新であることを確認できません）。"},
	},
	{
		Code: "SERVER-ANCHOR-UNREADABLE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"An anchor holds no checkpoint that the log's own keys signed.", "アンカーに、この台帳の鍵で署名されたチェックポイントがありません。"},
		Remedy: Text{"Name a witness or mirror of this log, or a file with one of its checkpoints, bundles or a client's memory.", "この台帳の立会人かミラー、またはチェックポイント・証明束・クライアント記憶のファイルを指定してください。"},
	},
	{
		Code: "SERVER-ANCHOR-BEHIND", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The anchors do not show whether anything newer was signed, so the log does not go on.", "アンカーからは、より新しい署名の有無を確認できないため、台帳を続けません。"},
		Remedy: Text{"Ask a witness or mirror that is up to date, or say --newest-known if nobody can hold anything newer.", "最新の立会人かミラーを指定するか、より新しいものが存在しないと確信できる場合に限り --newest-known を付けてください。"},
	},
	{
		Code: "SERVER-LOG-CONTRADICTED", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"Somebody outside has seen of this log what is not here, so nothing is signed or recorded.", "外部で確認された内容がこの台帳にないため、署名と記録を停止しています。"},
		Remedy: Text{"Find out whether another copy of the log is running or this one is old, and keep both as evidence.", "別の複製が稼働していないか、この複製が古くないかを調べ、双方を証跡として保全してください。"},
	},
}

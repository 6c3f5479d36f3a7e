package problem

// mirrorRows are the codes of ledger/mirror and of what serves a mirror.
var mirrorRows = []Row{
	{
		Code: "MIRROR-FOLDER-INVALID", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder is no mirror of a log, or a file of it is damaged.", "このフォルダーは台帳のミラーではないか、ミラーのファイルが壊れています。"},
		Remedy: Text{"Name a folder that does not exist yet, or move this one away and pull the log again.", "まだ存在しないフォルダーを指定するか、このフォルダーを別の場所に移して台帳を取得し直してください。"},
	},
	{
		Code: "MIRROR-LOG-OTHER", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The folder is a mirror of another log.", "このフォルダーは別の台帳のミラーです。"},
		Remedy: Text{"Give each log a folder of its own.", "台帳ごとに別のフォルダーを指定してください。"},
	},
	{
		Code: "MIRROR-ENTRIES-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"Entries that were pulled earlier are not those that the log signs now, and no checkpoint is at hand to prove it.", "以前取得した記録が台帳の現在の署名と一致しません（証明できるチェックポイントは手元にありません）。"},
		Remedy: Text{"Keep the folder as it is, restore its memory.json from a copy and run the command again, and ask the other operators what they have seen.", "フォルダーをそのまま保存し、memory.json を控えから戻して再実行し、他の事業者にも確認してください。"},
	},
	{
		Code: "MIRROR-ANSWER-FALSE", Exit: 4, Severity: SeverityError,
		Cause:  Text{"What the server sent does not give the root that the log signed; nothing of it was stored.", "サーバーから届いた内容が台帳の署名したルートと一致しないため、保存しませんでした。"},
		Remedy: Text{"Run the command again; if it stays, tell the log operator which tile or bundle the message names.", "再実行し、変わらなければ示されたタイルまたは記録束を台帳運営者に知らせてください。"},
	},
	{
		Code: "MIRROR-ANSWER-ABSENT", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server lacks something that its own checkpoint covers.", "サーバーが、自らのチェックポイントに含まれる内容を提供していません。"},
		Remedy: Text{"Run the command again; what was pulled stays, and the rest is pulled when the log serves it.", "再実行してください（取得済みの分は残り、残りは台帳が提供した時点で取得されます）。"},
	},
	{
		Code: "MIRROR-LOG-EMPTY", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The mirror has not pulled anything yet.", "ミラーはまだ何も取得していません。"},
		Remedy: Text{"Ask again when the log could be reached.", "台帳に接続できた後に再試行してください。"},
	},
	{
		Code: "MIRROR-BLOB-ABSENT", Status: 404, Exit: 4, Severity: SeverityError,
		Cause:  Text{"This mirror does not have these bytes: they are held, could not be read from the log, or are not of this log.", "このミラーにはこの内容がありません（非開示、台帳から読めなかった、またはこの台帳のものではありません）。"},
		Remedy: Text{"Ask the log itself.", "台帳に直接問い合わせてください。"},
	},
	{
		Code: "MIRROR-BLOBS-MISSING", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The log is mirrored, but open bills of materials could not be read from it.", "台帳は複製できましたが、公開されている部品表の一部を読み取れませんでした。"},
		Remedy: Text{"Run the command again; they are asked for each time.", "再実行してください（不足分は毎回要求されます）。"},
	},
}

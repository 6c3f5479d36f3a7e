package problem

// storeRows are the codes of the log's engine: the sequencer and the store of
// files.
var storeRows = []Row{
	{
		Code: "LOG-LEAF-SIZE", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement is empty or longer than the 65,535 bytes that one entry holds.", "申告が空であるか、1件の記録の上限65,535バイトを超えています。"},
		Remedy: Text{"Shorten the statement; large bodies belong in a blob that it names by digest.", "申告を短くし、大きな本文はダイジェストで参照する別ファイルにしてください。"},
	},
	{
		Code: "LOG-QUEUE-FULL", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"Too many entries are waiting to be recorded.", "記録待ちの申告が多すぎます。"},
		Remedy: Text{"Submit again after a few seconds; nothing was recorded.", "記録はされていないため、数秒後にもう一度送信してください。"},
	},
	{
		Code: "LOG-WRITER-CLOSED", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The log takes no entries any more because it is being stopped.", "台帳が停止処理中のため、記録を受け付けていません。"},
		Remedy: Text{"Submit again when the server is back; nothing was recorded.", "記録はされていないため、サーバーの再開後にもう一度送信してください。"},
	},
	{
		Code: "LOG-OUTCOME-UNKNOWN", Status: 500, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The log stopped, or the request was cut off, while the entry was being recorded.", "記録の処理中に台帳が停止したか、要求が中断されました。"},
		Remedy: Text{"Submit the same statement again; if it was recorded you get its first position.", "同じ申告をもう一度送信すれば、記録済みの場合は最初の位置が返ります。"},
	},
	{
		Code: "LOG-TILE-INVALID", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"No log can have a tile of this level, index or width.", "この階層・位置・幅のタイルは存在し得ません。"},
		Remedy: Text{"Use levels 0 to 63, indices from 0 and widths 1 to 256.", "階層は0〜63、位置は0以上、幅は1〜256で指定してください。"},
	},
	{
		Code: "LOG-TILE-ABSENT", Status: 404, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The published log does not reach as far as this tile or bundle.", "公開済みの台帳はこのタイルまたは記録束にまだ達していません。"},
		Remedy: Text{"Read the newest checkpoint and ask for what lies within its size.", "最新のチェックポイントを読み、そのサイズの範囲内を要求してください。"},
	},
	{
		Code: "LOG-INDEX-ABSENT", Status: 404, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The published log has no entry at this index.", "公開済みの台帳にこの位置の記録はありません。"},
		Remedy: Text{"Ask for an index below the size of the newest checkpoint.", "最新チェックポイントのサイズ未満の位置を指定してください。"},
	},
	{
		Code: "LOG-ORIGIN-MISMATCH", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The store or an anchor belongs to a log of another origin.", "保存領域または基準チェックポイントが別の台帳のものです。"},
		Remedy: Text{"Correct the origin in the configuration or name the right folder.", "設定の origin を修正するか、正しいフォルダーを指定してください。"},
	},
	{
		Code: "LOG-REPLAY-REFUSED", Exit: 1, Severity: SeverityError,
		Cause:  Text{"A recorded entry is refused when the log is replayed.", "台帳の再生中に、記録済みの記録が拒否されました。"},
		Remedy: Text{"Start the newest version of the program; if it refuses too, keep the folder as evidence and restore from a mirror.", "最新版のプログラムで起動し、なお拒否される場合はフォルダーを証跡として保全し、ミラーから復元してください。"},
	},
	{
		Code: "LOG-ROOT-MISMATCH", Exit: 1, Severity: SeverityError,
		Cause:  Text{"The recorded entries do not give the root that the log has committed to.", "記録から計算したルートが、台帳の確定したルートと一致しません。"},
		Remedy: Text{"Do not sign with this folder; keep it as evidence and restore from a mirror or a backup.", "このフォルダーでの署名を止め、証跡として保全し、ミラーまたはバックアップから復元してください。"},
	},
	{
		Code: "LOG-ANCHOR-AHEAD", Exit: 13, Severity: SeverityError,
		Cause:  Text{"A checkpoint known from elsewhere has more entries than this folder: it is an old copy.", "他で確認されたチェックポイントの方が記録数が多く、このフォルダーは古い複製です。"},
		Remedy: Text{"Bring the folder up to date from a mirror before the log signs again.", "再び署名する前に、ミラーからフォルダーを最新の状態にしてください。"},
	},
	{
		Code: "LOG-ANCHOR-FORK", Exit: 13, Severity: SeverityError,
		Cause:  Text{"A checkpoint known from elsewhere contradicts this folder: the log has forked.", "他で確認されたチェックポイントとこのフォルダーが矛盾しており、台帳が分岐しています。"},
		Remedy: Text{"Stop the log, keep both as evidence, and tell everybody who relies on it.", "台帳を停止し、双方を証跡として保全し、利用者全員に知らせてください。"},
	},
	{
		Code: "STORE-FOLDER-LOCKED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"Another process has the log's folder open.", "別のプロセスが台帳のフォルダーを使用中です。"},
		Remedy: Text{"Stop the other process; two must never write one log.", "1つの台帳に2つのプロセスが書き込むことはできないため、他方を停止してください。"},
	},
	{
		Code: "STORE-FOLDER-ABSENT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder holds no log.", "フォルダーに台帳がありません。"},
		Remedy: Text{"Name the right folder, or make a log with yurai init.", "正しいフォルダーを指定するか、yurai init で台帳を作成してください。"},
	},
	{
		Code: "STORE-FOLDER-EXISTS", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder holds a log already.", "フォルダーには既に台帳があります。"},
		Remedy: Text{"Choose an empty folder for a new log.", "新しい台帳には空のフォルダーを指定してください。"},
	},
	{
		Code: "STORE-FOLDER-ORIGIN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder holds a log of another origin.", "フォルダーには別の origin の台帳が入っています。"},
		Remedy: Text{"Correct the origin in the configuration or name the right folder.", "設定の origin を修正するか、正しいフォルダーを指定してください。"},
	},
	{
		Code: "STORE-VERSION-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log's folder was written by a newer version of the program.", "台帳のフォルダーは新しい版のプログラムで書き込まれています。"},
		Remedy: Text{"Start the newer version.", "新しい版のプログラムで起動してください。"},
	},
	{
		Code: "STORE-JOURNAL-DAMAGED", Exit: 1, Severity: SeverityError,
		Cause:  Text{"A committed record of the head journal cannot be read.", "確定済みのジャーナル記録が読み取れません。"},
		Remedy: Text{"Keep the folder as evidence and restore from a mirror or a backup.", "フォルダーを証跡として保全し、ミラーまたはバックアップから復元してください。"},
	},
	{
		Code: "STORE-RECORD-MALFORMED", Exit: 1, Severity: SeverityError,
		Cause:  Text{"A journal record is damaged or cut off.", "ジャーナルの記録が破損しているか、途中で切れています。"},
		Remedy: Text{"Open the log again, which repairs what an interruption left behind.", "台帳を開き直せば、中断による不整合は修復されます。"},
	},
	{
		Code: "STORE-ENTRIES-MISSING", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"The files of the entries end before what the journal names.", "記録ファイルがジャーナルの示す位置より手前で終わっています。"},
		Remedy: Text{"Keep the folder as evidence and restore the missing file from a mirror or a backup.", "フォルダーを証跡として保全し、欠落したファイルをミラーまたはバックアップから復元してください。"},
	},
	{
		Code: "STORE-ENTRIES-DAMAGED", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"Stored bytes of an entry do not have the hash under which it was recorded.", "保存された記録のバイト列が、記録時のハッシュと一致しません。"},
		Remedy: Text{"Check the disk and restore the entry's file from a mirror or a backup.", "ディスクを点検し、記録ファイルをミラーまたはバックアップから復元してください。"},
	},
	{
		Code: "STORE-TILE-DAMAGED", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"A stored tile does not fold to its hash in the tree.", "保存されたタイルが木構造内のハッシュと一致しません。"},
		Remedy: Text{"Stop the log, check the disk, delete its derived folder and start again: the tiles are made anew from the entries.", "台帳を停止してディスクを点検し、derived フォルダーを削除して再起動すれば、タイルは記録から作り直されます。"},
	},
	{
		Code: "STORE-IDENTITY-DAMAGED", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"A stored identity is damaged, so that duplicates cannot be told.", "保存された識別値が破損しており、重複を判定できません。"},
		Remedy: Text{"Stop the log, check the disk and start again: the identities are made anew from the entries.", "台帳を停止してディスクを点検し、再起動すれば、識別値は記録から作り直されます。"},
	},
	{
		Code: "STORE-ROOT-MISMATCH", Exit: 1, Severity: SeverityError,
		Cause:  Text{"The stored entries give another root than the journal names.", "保存された記録から計算したルートが、ジャーナルの示す値と一致しません。"},
		Remedy: Text{"Keep the folder as evidence and restore from a mirror or a backup.", "フォルダーを証跡として保全し、ミラーまたはバックアップから復元してください。"},
	},
	{
		Code: "STORE-RANGE-ABSENT", Status: 404, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The stored log does not reach as far as what was asked for.", "保存された台帳は要求された範囲に達していません。"},
		Remedy: Text{"Ask for what lies within the size of the newest checkpoint.", "最新チェックポイントのサイズの範囲内を要求してください。"},
	},
	{
		Code: "STORE-DISK-FULL", Status: 507, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The disk of the log's folder is full.", "台帳フォルダーのディスクに空きがありません。"},
		Remedy: Text{"Make room on the disk and submit again; nothing was recorded.", "記録はされていないため、空き容量を確保してからもう一度送信してください。"},
	},
	{
		Code: "STORE-SPACE-LOW", Status: 507, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The disk of the log has less free space than the reserve that is kept on it, so nothing is recorded; reading goes on.", "台帳のディスクの空き容量が予備領域を下回ったため、記録を停止しています（閲覧は継続できます）。"},
		Remedy: Text{"Make room on the disk, or start the server with a smaller --reserve, and submit again: writing resumes by itself.", "空き容量を確保する（記録は自動的に再開します）か、--reserve を小さくして起動し、もう一度送信してください。"},
	},
	{
		Code: "STORE-COMMIT-UNKNOWN", Status: 500, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The disk gave an error while a batch was being made durable.", "記録を確定する途中でディスクエラーが発生しました。"},
		Remedy: Text{"Check the disk and start the log again, which settles what was recorded.", "ディスクを点検して台帳を再起動すれば、記録の有無が確定します。"},
	},
	{
		Code: "STORE-SNAPSHOT-DAMAGED", Severity: SeverityWarning,
		Cause:  Text{"A snapshot that the journal names is missing or has other bytes.", "ジャーナルの示すスナップショットが欠落しているか、内容が一致しません。"},
		Remedy: Text{"Check the disk if it happens again; the log is replayed from its first entry, and the next snapshot takes this one's place.", "台帳は最初の記録から再生され、次のスナップショットに置き換わりますが、繰り返す場合はディスクを点検してください。"},
	},
}

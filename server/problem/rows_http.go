package problem

// httpRows are the codes of package server.
var httpRows = []Row{
	{
		Code: "SERVER-FOLDER-INVALID", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The folder is not a complete ledger that this server can serve.", "フォルダーが台帳として完全ではないため、このサーバーでは提供できません。"},
		Remedy: Text{"Make a new one with yurai init, or restore the file that the message names from a backup.", "yurai init で新しく作成するか、示されたファイルをバックアップから復元してください。"},
	},
	{
		Code: "SERVER-RAW-REFUSED", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The folder is not one that was made for a raw log, which takes anything from anybody.", "このフォルダーは、検証を行わない試験用台帳のために作られたものではありません。"},
		Remedy: Text{"Name a folder that does not exist yet; a real ledger is served without this flag.", "まだ存在しないフォルダーを指定してください（実際の台帳はこのフラグなしで提供します）。"},
	},
	{
		Code: "SERVER-FOLDER-EXISTS", Exit: 2, Severity: SeverityError,
		Cause:  Text{"A new ledger needs a folder of its own, and this one has something in it.", "新しい台帳には空のフォルダーが必要ですが、指定されたフォルダーは空ではありません。"},
		Remedy: Text{"Name a folder that does not exist yet.", "まだ存在しないフォルダーを指定してください。"},
	},
	{
		Code: "SERVER-KEY-FOREIGN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A key of the folder is not the one that the ledger's genesis names, or a later rotation.", "フォルダー内の鍵が、台帳の起点記録またはその後の鍵交換の記録にある鍵と一致しません。"},
		Remedy: Text{"Restore the keys folder that belongs to this ledger.", "この台帳の keys フォルダーを復元してください。"},
	},
	{
		Code: "SERVER-LISTEN-LOOPBACK", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The server speaks plain HTTP and listens on this machine's loopback only.", "サーバーは暗号化しない HTTP で動作するため、ループバックアドレスでのみ待ち受けます。"},
		Remedy: Text{"Listen on 127.0.0.1 or [::1], and put a proxy with TLS before it for others.", "127.0.0.1 または [::1] で待ち受け、外部には TLS 対応のプロキシを前段に置いて公開してください。"},
	},
	{
		Code: "SERVER-LISTEN-FAILED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server could not listen on the address.", "指定されたアドレスで待ち受けを開始できませんでした。"},
		Remedy: Text{"Choose another port with --listen.", "--listen で別のポートを指定してください。"},
	},
	{
		Code: "SERVER-PORT-TAKEN", Exit: 4, Severity: SeverityError,
		Cause:  Text{"Another program listens on this port already.", "このポートは既に別のプログラムが使用しています。"},
		Remedy: Text{"Stop that program or choose another port with --listen.", "そのプログラムを停止するか、--listen で別のポートを指定してください。"},
	},
	{
		Code: "SERVER-INTERNAL-ERROR", Status: 500, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server could not answer because of a fault of its own.", "サーバー内部の障害により応答できませんでした。"},
		Remedy: Text{"Try again later, and if it stays ask the operator of the ledger to look into the server's log.", "時間をおいて再試行し、解消しない場合は台帳の運営者にサーバーログの確認を依頼してください。"},
	},
	{
		Code: "SERVER-REQUEST-ENDED", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The request ended before the server could answer it.", "サーバーが応答する前にリクエストが終了しました。"},
		Remedy: Text{"Send the request again; a statement that was recorded meanwhile gets its first index.", "もう一度送信してください（その間に記録された場合は最初の位置が返ります）。"},
	},
	{
		Code: "SERVER-NOT-READY", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server is starting and has not recorded the beginning of its log yet.", "サーバーは起動中で、台帳の最初の記録がまだ完了していません。"},
		Remedy: Text{"Wait until /readyz answers 200 and try again.", "/readyz が 200 を返すまで待ってから再試行してください。"},
	},
	{
		Code: "SERVER-STOPPING-NOW", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server is stopping and takes no more statements.", "サーバーは停止処理中のため、新しい宣言を受け付けません。"},
		Remedy: Text{"Submit again when the server has been started anew.", "サーバーの再起動後にもう一度提出してください。"},
	},
	{
		Code: "SERVER-LOG-MOVED", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The log was moved or restored, so it may be an old copy, and nothing is signed or recorded.", "台帳が移動または復元されており、古い複製の可能性があるため、署名も新しい記録も行いません。"},
		Remedy: Text{"Go on with the original folder on its machine, or hold this one against an anchor with yurai serve --anchor.", "元のマシンの元のフォルダーで運用を続けるか、yurai serve --anchor でアンカーと照合してください。"},
	},
	{
		Code: "SERVER-REQUESTS-BUSY", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server is answering as many requests as it can at one time.", "サーバーが同時に処理できるリクエスト数の上限に達しています。"},
		Remedy: Text{"Wait for the seconds that Retry-After names and try again.", "Retry-After の秒数だけ待ってから再試行してください。"},
	},
	{
		Code: "SERVER-MEMORY-BUSY", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"Other submissions hold all the memory that the server sets aside for them.", "他の提出の処理で、サーバーが確保したメモリーの上限に達しています。"},
		Remedy: Text{"Wait for the seconds that Retry-After names and submit again.", "Retry-After の秒数だけ待ってからもう一度提出してください。"},
	},
	{
		Code: "SERVER-QUEUE-BUSY", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"Too many bills of materials wait to be examined.", "審査を待つ部品表が多すぎます。"},
		Remedy: Text{"Wait for the seconds that Retry-After names and submit again.", "Retry-After の秒数だけ待ってからもう一度提出してください。"},
	},
	{
		Code: "SERVER-PATH-UNKNOWN", Status: 404, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server has nothing at this address.", "このアドレスには何もありません。"},
		Remedy: Text{"Check the server's address, which is given without a path.", "サーバーのアドレス（パスを付けない形）を確認してください。"},
	},
	{
		Code: "SERVER-METHOD-REFUSED", Status: 405, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The address does not take this HTTP method.", "このアドレスでは、その HTTP メソッドを使用できません。"},
		Remedy: Text{"Use one of the methods that the Allow header names.", "Allow ヘッダーに示されたメソッドを使用してください。"},
	},
	{
		Code: "SERVER-MEDIA-TYPE", Status: 415, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The request is not multipart/form-data without compression.", "リクエストが圧縮なしの multipart/form-data ではありません。"},
		Remedy: Text{"Submit with yurai submit, or send multipart/form-data with the parts statement and bom.", "yurai submit で提出するか、statement と bom からなる multipart/form-data で送信してください。"},
	},
	{
		Code: "SERVER-FORM-MALFORMED", Status: 400, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The form breaks off or is not in multipart encoding.", "フォームが途中で切れているか、multipart 形式として正しくありません。"},
		Remedy: Text{"Send the whole form again.", "フォーム全体を送り直してください。"},
	},
	{
		Code: "SERVER-FORM-PART", Status: 400, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The form has a part too many, too few, or one in an encoding that is not taken.", "フォームのパートに過不足があるか、受け付けない形式でエンコードされています。"},
		Remedy: Text{"Send one part named statement and, for a bill of materials, one named bom, both as they are.", "statement を 1 つと、部品表の場合は bom を 1 つ、いずれも変換せずに送信してください。"},
	},
	{
		Code: "SERVER-BODY-LARGE", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The request or one of its parts is larger than this ledger admits.", "リクエストまたはそのパートが、この台帳で受け付ける上限を超えています。"},
		Remedy: Text{"Split the bill of materials into linked documents, or ask the operator of the ledger to raise the limit.", "部品表をリンクで結んだ複数の文書に分割するか、台帳の運営者に上限の引き上げを依頼してください。"},
	},
	{
		Code: "SERVER-BOM-ABSENT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement speaks of a bill of materials whose bytes were neither sent nor stored before.", "宣言が指す部品表が送信されておらず、以前にも保管されていません。"},
		Remedy: Text{"Submit the file together with its statement.", "部品表のファイルを宣言と一緒に提出してください。"},
	},
	{
		Code: "SERVER-BOM-SURPLUS", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A bill of materials came with a statement that speaks of none.", "部品表について述べていない宣言に、部品表が添付されています。"},
		Remedy: Text{"Submit the statement alone.", "宣言だけを提出してください。"},
	},
	{
		Code: "SERVER-ENTRY-ABSENT", Status: 404, Exit: 12, Severity: SeverityError,
		Cause:  Text{"The log has no entry at this index.", "台帳のこの位置に記録はありません。"},
		Remedy: Text{"Ask for an index below the size of the newest checkpoint.", "最新チェックポイントのサイズ未満の位置を指定してください。"},
	},
	{
		Code: "SERVER-ADDRESS-MALFORMED", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The index or digest in the address is not written in its one form.", "アドレス内の位置またはダイジェストの書式が正しくありません。"},
		Remedy: Text{"Write an index in decimal and a digest as 64 lower-case hexadecimal digits.", "位置は10進数で、ダイジェストは小文字16進64桁で指定してください。"},
	},
	{
		Code: "SERVER-QUERY-MALFORMED", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The search asks for nothing, for several things at once, or for something that cannot be searched for.", "検索条件が指定されていないか、同時に複数指定されているか、検索できない内容です。"},
		Remedy: Text{"Ask for one of party, product, serial, maker, part (with or without maker) or component, once, and correct after and limit.", "party、product、serial、maker、part（maker を併用可）、component のいずれか一つを一度だけ指定し、after と limit の値を確認してください。"},
	},
	{
		Code: "SERVER-TILE-ABSENT", Status: 404, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The published log does not reach as far as this tile.", "公開済みの台帳は、このタイルの範囲まで達していません。"},
		Remedy: Text{"Ask for the tiles of the newest checkpoint.", "最新チェックポイントの範囲のタイルを取得してください。"},
	},
	{
		Code: "SERVER-BLOB-ABSENT", Status: 404, Exit: 12, Severity: SeverityError,
		Cause:  Text{"No entry of the log speaks of bytes with this digest.", "このダイジェストの内容を指す記録は台帳にありません。"},
		Remedy: Text{"Check the digest against the file that it should name.", "ダイジェストを対象のファイルと照合してください。"},
	},
	{
		Code: "SERVER-BLOB-HELD", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The vendor has these bytes held: they are stored but served to nobody.", "提出者の指定により、この内容は非公開で保管されており、誰にも提供されません。"},
		Remedy: Text{"Ask the vendor for the file; its digest can be compared with the entry in the log.", "提出者からファイルを受け取り、ダイジェストを台帳の記録と照合してください。"},
	},
	{
		Code: "SERVER-INDEX-BEHIND", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"The look-up index is still being built from the log, so the server cannot say whether there is an entry.", "検索用の索引を台帳から構築中のため、記録の有無を回答できません。"},
		Remedy: Text{"Ask again in a moment, or run the check with the bundle at hand.", "しばらく待ってから再度問い合わせるか、手元の証明束を使って確認してください。"},
	},
	{
		Code: "SERVER-BUNDLE-LARGE", Status: 500, Exit: 4, Severity: SeverityError,
		Cause:  Text{"More entries concern this one than an answer holds.", "この記録に関係する記録が多すぎて、一つの応答に収まりません。"},
		Remedy: Text{"Audit the log itself with yurai audit, which reads every entry.", "yurai audit で台帳全体を監査してください。"},
	},
}

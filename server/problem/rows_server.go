package problem

// serverRows are the codes of server/blobs and server/index.
var serverRows = []Row{
	{
		Code: "STORE-BLOB-DIGEST", Status: 422, Exit: 3, Severity: SeverityError,
		Cause: Text{
			EN: "The bytes do not have the digest that they were announced with.",
			JA: "送られた内容のダイジェストが、申告されたダイジェストと一致しません。",
		},
		Remedy: Text{
			EN: "Send the exact bytes that were signed, without reformatting them.",
			JA: "署名した時点のファイルを、整形や変換をせずにそのまま送信してください。",
		},
	},
	{
		Code: "STORE-BLOB-SIZE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause: Text{
			EN: "The bytes end before or go on after the size that they were announced with.",
			JA: "送られた内容の長さが、申告されたサイズと一致しません。",
		},
		Remedy: Text{
			EN: "Send the whole file again and check that the transfer was not cut off.",
			JA: "転送が途中で切れていないことを確認し、ファイル全体を送り直してください。",
		},
	},
	{
		Code: "STORE-BLOB-LARGE", Status: 413, Exit: 3, Severity: SeverityError,
		Cause: Text{
			EN: "The bytes are larger than this store accepts.",
			JA: "内容のサイズが、この保管領域で受け付ける上限を超えています。",
		},
		Remedy: Text{
			EN: "Split the bill of materials into linked documents, or ask the operator of the ledger to raise the limit.",
			JA: "部品表をリンクで結んだ複数の文書に分割するか、台帳の運営者に上限の引き上げを依頼してください。",
		},
	},
	{
		Code: "STORE-BLOB-LOST", Status: 500, Exit: 4, Severity: SeverityError,
		Cause: Text{
			EN: "The stored bytes are lost or damaged, while the entry that names them still stands.",
			JA: "保管されていた内容が失われたか破損しています(それを指す記録は有効なままです)。",
		},
		Remedy: Text{
			EN: "Submit the same file again, which replaces the damaged copy, or restore the blobs folder from a backup.",
			JA: "同じファイルを再提出して破損した写しを置き換えるか、blobs フォルダーをバックアップから復元してください。",
		},
	},
	{
		Code: "STORE-BLOB-FULL", Status: 507, Exit: 4, Severity: SeverityError,
		Cause: Text{
			EN: "The disk of the ledger has no room for the bytes.",
			JA: "台帳のディスクに空き容量がなく、内容を保管できません。",
		},
		Remedy: Text{
			EN: "Free space on the disk of the ledger and submit again.",
			JA: "台帳のディスクに空き容量を確保してから、もう一度提出してください。",
		},
	},
	{
		Code: "STORE-BLOB-WRITE", Status: 500, Exit: 1, Severity: SeverityError,
		Cause: Text{
			EN: "The bytes could not be made durable on the disk of the ledger, so nothing was recorded.",
			JA: "内容を台帳のディスクに確実に保存できなかったため、何も記録していません。",
		},
		Remedy: Text{
			EN: "Check the disk and its system log, then restart the server and submit again.",
			JA: "ディスクとシステムログを点検し、サーバーを再起動してからもう一度提出してください。",
		},
	},
	{
		Code: "SERVER-INDEX-CORRUPT", Status: 503, Exit: 4, Severity: SeverityError,
		Cause: Text{
			EN: "The look-up index was found damaged and is being rebuilt from the log, so no answer can be given now.",
			JA: "検索用の索引に破損が見つかり、台帳の記録から再構築しているため、今は回答できません。",
		},
		Remedy: Text{
			EN: "Ask again in a moment, or run the check with the bundle at hand.",
			JA: "しばらく待ってから再度問い合わせるか、手元のバンドルを使って確認してください。",
		},
	},
	{
		Code: "SERVER-INDEX-FULL", Status: 507, Exit: 4, Severity: SeverityError,
		Cause: Text{
			EN: "The look-up index does not grow because the disk has less free space than its reserve.",
			JA: "ディスクの空き容量が予備領域を下回ったため、検索用の索引を更新できません。",
		},
		Remedy: Text{
			EN: "Free space on the disk that holds the index, after which it catches up by itself.",
			JA: "索引を置いているディスクの空き容量を確保してください(その後は自動的に追いつきます)。",
		},
	},
	{
		Code: "SERVER-INDEX-LOCKED", Status: 0, Exit: 1, Severity: SeverityError,
		Cause: Text{
			EN: "Another process has the index folder open.",
			JA: "別のプロセスが索引フォルダーを使用しています。",
		},
		Remedy: Text{
			EN: "Stop the other server that runs on this folder.",
			JA: "このフォルダーで動作している別のサーバーを停止してください。",
		},
	},
	{
		Code: "SERVER-INDEX-OPEN", Status: 0, Exit: 1, Severity: SeverityError,
		Cause: Text{
			EN: "The index folder cannot be read, emptied or written.",
			JA: "索引フォルダーの読み取り、消去、または書き込みができません。",
		},
		Remedy: Text{
			EN: "Give the server's user the right to write in the folder; the index may be deleted at any time and is rebuilt from the log.",
			JA: "サーバーの実行ユーザーにフォルダーへの書き込み権限を与えてください(索引はいつ削除しても台帳の記録から再構築されます)。",
		},
	},
}

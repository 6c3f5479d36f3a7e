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
		Code: "CLI-FILE-LARGE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A file is larger than anything of its kind may be.", "ファイルがその種類の上限を超えています。"},
		Remedy: Text{"Check that it is the right file; a bill of materials that large must be split and linked.", "正しいファイルか確認してください。大きすぎる部品表は分割してリンクしてください。"},
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
		Remedy: Text{"Give the file that `yurai sign` or `yurai party request` wrote.", "`yurai sign` または `yurai party request` が書いたファイルを指定してください。"},
	},
	{
		Code: "CLI-STATEMENT-FILE", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement was signed for other bytes than those of the file.", "申告はこのファイルと異なる内容に対して署名されています。"},
		Remedy: Text{"Sign the file again with `yurai sign`, or give the file that was signed.", "`yurai sign` で署名し直すか、署名したファイルを指定してください。"},
	},
	{
		Code: "CLI-ANSWER-MALFORMED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's answer cannot be used.", "サーバーの応答を利用できません。"},
		Remedy: Text{"Check that the address is that of a ledger server of this version, then try again.", "アドレスが対応する版の台帳サーバーのものか確認し、再試行してください。"},
	},
	{
		Code: "CLI-BUNDLE-OLDER", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's bundle is older than the one at hand, which is kept.", "サーバーの証明束が手元のものより古いため、手元のものを残しました。"},
		Remedy: Text{"Try again later; if the server stays behind, tell the operator of the log.", "後で再試行し、サーバーが遅れたままなら台帳運営者に知らせてください。"},
	},
}

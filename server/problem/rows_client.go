package problem

// clientRows are the codes of ledger/client and ledger/audit.
var clientRows = []Row{
	{
		Code: "CLIENT-URL-MALFORMED", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The server is not given as an http or https address.", "サーバーの指定が http または https のアドレスではありません。"},
		Remedy: Text{"Write the address like http://127.0.0.1:8080.", "http://127.0.0.1:8080 のように指定してください。"},
	},
	{
		Code: "CLIENT-SERVER-UNREACHABLE", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The ledger server gave no usable answer.", "台帳サーバーから有効な応答がありませんでした。"},
		Remedy: Text{"Start the server or correct its address, then try again; a bundle beside the file can be checked with --offline.", "サーバーを起動するかアドレスを直して再試行するか、証明束があれば --offline で検査してください。"},
	},
	{
		Code: "CLIENT-ANSWER-INVALID", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The server's answer is not what was asked for.", "サーバーの応答が要求した内容と異なります。"},
		Remedy: Text{"Check that the address is that of the ledger server, and keep the answer for its operator.", "アドレスが台帳サーバーのものか確認し、応答を保存して運営者に知らせてください。"},
	},
	{
		Code: "AUDIT-LOG-ROLLBACK", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The log is shorter than it was when it was seen before.", "台帳が以前確認した時点より短くなっています。"},
		Remedy: Text{"Accept nothing from this log; keep the evidence file and call the log operator.", "この台帳からは何も受け入れず、証拠ファイルを保存し、運営者に連絡してください。"},
	},
	{
		Code: "AUDIT-LOG-FORK", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The log shows another history than the one it signed before.", "台帳が以前に署名した履歴と異なる履歴を示しています。"},
		Remedy: Text{"Accept nothing from this log; keep the evidence file, or both bundles, and show it to the other operators.", "この台帳からは何も受け入れず、証拠ファイル（または両方の証明束）を保存し、他の事業者にも示してください。"},
	},
	{
		Code: "AUDIT-ROOT-MISMATCH", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The entries served do not give the root that the log signed.", "提供された記録から計算したルートが署名されたルートと一致しません。"},
		Remedy: Text{"Audit again past any cache; if it stays, keep the checkpoint and the entries as evidence.", "キャッシュを避けて再度監査し、変わらなければチェックポイントと記録を証跡として保存してください。"},
	},
	{
		Code: "AUDIT-TILE-MISMATCH", Exit: 11, Severity: SeverityError,
		Cause:  Text{"A served tile is not the one that the entries give.", "提供されたタイルが記録から計算した内容と一致しません。"},
		Remedy: Text{"Have the log operator restore the tile; proofs from this server fail until then.", "このサーバーの証明は使わず、台帳運営者にタイルの復旧を依頼してください。"},
	},
}

package problem

// memoryRows are the codes of what a client remembers, of evidence, and of how
// trust files are made and renewed.
var memoryRows = []Row{
	{
		Code: "CLIENT-CONTACT-FIRST", Severity: SeverityNote,
		Cause:  Text{"Nothing is remembered of this log, so an older or another history of it would not show.", "この台帳について以前の記憶がないため、履歴の巻き戻しや食い違いがあっても検出できません。"},
		Remedy: Text{"If this is not the first contact, restore the memory file from a copy and run the command again.", "初めての接続でなければ、記憶ファイルを控えから戻して再実行してください。"},
	},
	{
		Code: "CLIENT-MEMORY-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The memory of logs seen before is damaged or no memory.", "台帳の記憶ファイルが壊れているか、記憶ファイルではありません。"},
		Remedy: Text{"Restore it from a copy; if there is none, move it away and tell the other operators that yours is lost.", "控えから戻してください（控えがなければ別の場所に移し、失われたことを他の事業者に知らせてください）。"},
	},
	{
		Code: "CLIENT-MEMORY-OTHER", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The memory is not of the logs that this trust file names.", "この信頼ファイルにある台帳の記憶ファイルではありません。"},
		Remedy: Text{"Name the memory of this trust file with --state, and find out who changed this one.", "この信頼ファイルの記憶ファイルを --state で指定し、このファイルが変わった理由を調べてください。"},
	},
	{
		Code: "CLIENT-MEMORY-BUSY", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The memory could not be written, because other runs keep it busy.", "他の実行が記憶ファイルを使用し続けているため、書き込めませんでした。"},
		Remedy: Text{"Run the command again when the others have ended.", "他の実行が終わってから再実行してください。"},
	},
	{
		Code: "AUDIT-EVIDENCE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The evidence file is damaged or no evidence file.", "証拠ファイルが壊れているか、証拠ファイルではありません。"},
		Remedy: Text{"Take the file again from whoever wrote it.", "作成者からファイルを受け取り直してください。"},
	},
	{
		Code: "AUDIT-EVIDENCE-FORMAT", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The evidence file has a format that this program does not read.", "この版では読めない形式の証拠ファイルです。"},
		Remedy: Text{"Install a newer yurai, or give a file of format yurai-evidence/1.", "新しい yurai を導入するか、yurai-evidence/1 形式のファイルを指定してください。"},
	},
	{
		Code: "AUDIT-EVIDENCE-FALSE", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The evidence does not show what it says.", "証拠ファイルの内容は主張を裏付けていません。"},
		Remedy: Text{"Accuse nobody by it, and ask whoever wrote it how it came about.", "これを根拠に誰も非難せず、作成者に経緯を確認してください。"},
	},
	{
		Code: "AUDIT-STATUS-FALSE", Exit: 13, Severity: SeverityError,
		Cause:  Text{"The log signed a status that leaves out an entry it already had.", "台帳が、既にあった記録を含めずに状態証明へ署名しています。"},
		Remedy: Text{"Accept nothing from this log; keep the evidence file and show it to the other operators.", "この台帳からは何も受け入れず、証拠ファイルを保存し、他の事業者にも示してください。"},
	},
	{
		Code: "AUDIT-STATUS-UNREAD", Severity: SeverityNote,
		Cause:  Text{"A bundle's status could not be held against the log.", "証明束の状態証明を台帳と照合できませんでした。"},
		Remedy: Text{"Audit again when the log has published as many entries as the bundle names.", "証明束が示す件数まで台帳が公開されてから再度監査してください。"},
	},
	{
		Code: "TRUST-FINGERPRINT-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The genesis does not have the fingerprint that was given for it.", "創始記録が指定されたフィンガープリントと一致しません。"},
		Remedy: Text{"Do not trust this log; read the fingerprint from the paper again, and call the registrar if it stays.", "この台帳を信頼せず、書面のフィンガープリントを確かめ直し、一致しなければ登録機関に連絡してください。"},
	},
	{
		Code: "TRUST-UPDATE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The update of the trust file is damaged or no update.", "信頼ファイルの更新が壊れているか、更新ではありません。"},
		Remedy: Text{"Take the update again from the registrar.", "登録機関から更新を受け取り直してください。"},
	},
	{
		Code: "TRUST-UPDATE-FALSE", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The update of the trust file is not signed as it has to be.", "信頼ファイルの更新に必要な署名が確認できません。"},
		Remedy: Text{"Keep the trust file that you have, and show the update to the registrar.", "現在の信頼ファイルを使い続け、更新を登録機関に示してください。"},
	},
	{
		Code: "TRUST-UPDATE-KEYS", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The keys that signed the update no longer stand for the registrar.", "更新に署名した鍵は、登録機関の鍵としてもう有効ではありません。"},
		Remedy: Text{"Keep the trust file that you have, show the update to the registrar, and ask for one that the present keys sign.", "現在の信頼ファイルを使い続け、更新を登録機関に示して、現在の鍵で署名した更新を求めてください。"},
	},
	{
		Code: "TRUST-UPDATE-OLDER", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The update is not newer than the trust file in use.", "更新が使用中の信頼ファイルより新しくありません。"},
		Remedy: Text{"Keep the trust file that you have; ask the registrar for a newer update if it is about to end.", "現在の信頼ファイルを使い続け、期限が近ければ新しい更新を登録機関に求めてください。"},
	},
	{
		Code: "TRUST-UPDATE-GAP", Exit: 14, Severity: SeverityError,
		Cause:  Text{"A version between the trust file in use and the update is missing.", "使用中の信頼ファイルと更新の間の版が抜けています。"},
		Remedy: Text{"Take the updates in between from the registrar and apply them in order.", "間の更新を登録機関から受け取り、順に適用してください。"},
	},
	{
		Code: "TRUST-UPDATE-UNCONFIRMED", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The bundle says nothing of the registrar who signed the update: it is of another log, or carries no status.", "証明束が更新に署名した登録機関について何も示していません（別の台帳のもの、または状態証明がありません）。"},
		Remedy: Text{"Fetch a bundle from the log whose registrar signed, and run the command again.", "署名した登録機関の台帳から証明束を取得し、もう一度実行してください。"},
	},
	{
		Code: "TRUST-UPDATE-EXPIRED", Exit: 14, Severity: SeverityError,
		Cause:  Text{"The trust file in the update has ended itself.", "更新に含まれる信頼ファイルの有効期限が切れています。"},
		Remedy: Text{"Ask the registrar for a newer update, and check the clock of this machine.", "新しい更新を登録機関に求め、この機器の時刻を確認してください。"},
	},
	{
		Code: "TRUST-UPDATE-LOGS", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The update takes away or changes a log that the trust file names.", "更新が信頼ファイルにある台帳を削除または変更しています。"},
		Remedy: Text{"Keep the trust file that you have; another set of logs takes yurai trust init and fingerprints from paper.", "現在の信頼ファイルを使い続けてください（台帳を入れ替えるには書面のフィンガープリントと yurai trust init が必要です）。"},
	},
}

package problem

// listRows are the codes of package sbom/list: a reference list that is refused.
var listRows = []Row{
	{
		Code: "LIST-SIZE-EXCEEDED", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The reference list is larger than this program reads, in bytes, rows, names or one field.", "参照リストの大きさ（バイト数・行数・名称数・一項目の長さ）が上限を超えています。"},
		Remedy: Text{"Split the list, and give the parts as lists of their own.", "リストを分割し、それぞれを別のリストとして指定してください。"},
	},
	{
		Code: "LIST-CSV-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The reference list is not CSV in UTF-8 with the same number of fields in each row.", "参照リストがUTF-8のCSVではないか、行ごとの項目数が揃っていません。"},
		Remedy: Text{"Save it as CSV in UTF-8 and mend the line that the refusal names.", "UTF-8のCSVで保存し、示された行を直してください。"},
	},
	{
		Code: "LIST-COLUMN-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The reference list has a column that this program does not read, or one of them twice.", "参照リストに、読み取れない列があるか、同じ列が二つあります。"},
		Remedy: Text{"Name the columns id, name, aliases, country, from, until, source and note, and leave all others out.", "列名を id, name, aliases, country, from, until, source, note とし、ほかの列を除いてください。"},
	},
	{
		Code: "LIST-COLUMN-MISSING", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The reference list lacks a column that it needs.", "参照リストに必要な列がありません。"},
		Remedy: Text{"Add the column that the refusal names, or take the file anew from its publisher.", "示された列を加えるか、発行元からファイルを取り直してください。"},
	},
	{
		Code: "LIST-NAME-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A row of the reference list has a name that nothing can be compared with.", "参照リストに、照合できない名称の行があります。"},
		Remedy: Text{"Give the row a name of at most 512 bytes with letters or digits in it.", "その行に、文字または数字を含む512バイト以内の名称を記入してください。"},
	},
	{
		Code: "LIST-ID-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A row of the reference list has an id that is no party's id.", "参照リストの当事者識別子の形式が正しくありません。"},
		Remedy: Text{"Write it as scheme:value, such as lei:529900T8BM49AURSDO55, or leave it empty.", "「lei:529900T8BM49AURSDO55」のように「種別:値」の形式で書くか、空欄にしてください。"},
	},
	{
		Code: "LIST-DATE-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A row of the reference list has a day that is none, or ends before it begins.", "参照リストの日付が正しくないか、終了日が開始日より前です。"},
		Remedy: Text{"Write days as 2026-11-22, the last one not before the first.", "日付を「2026-11-22」の形式で、終了日を開始日以後にしてください。"},
	},
	{
		Code: "LIST-ROWS-ABSENT", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The reference list has no rows, and would clear everybody.", "参照リストに行がなく、そのままでは誰も該当しないことになります。"},
		Remedy: Text{"Take the file anew from its publisher; leave the list out if none applies.", "発行元からファイルを取り直すか、適用するリストがなければ指定を外してください。"},
	},
}

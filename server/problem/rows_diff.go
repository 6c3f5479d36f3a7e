package problem

// diffRows are the codes of a comparison of two bills of materials.
var diffRows = []Row{
	{
		Code: "DIFF-VIEW-MISSING", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The bill of materials is valid, but its parts cannot be read to be compared.", "部品表は有効ですが、比較のために部品を読み取れません。"},
		Remedy: Text{"Ask the vendor for a bill of materials without the part that the refusal names.", "指摘された部分を含まない部品表を供給者に求めてください。"},
	},
}

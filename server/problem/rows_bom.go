package problem

// bomRows are the codes of package sbom: the scan, the version, the schema, the
// lint and the view of one bill of materials.
var bomRows = []Row{
	{
		Code: "BOM-SIZE-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document is larger than the limit.", "文書が上限サイズを超えています。"},
		Remedy: Text{"Split the BOM into parts that link to each other, or have the limit raised by who runs the ledger.", "部品表を相互にリンクする複数の文書に分割するか、台帳の運営者に上限の引き上げを依頼してください。"},
	},
	{
		Code: "BOM-DEPTH-LIMIT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document nests arrays and objects deeper than the limit.", "配列とオブジェクトの入れ子が上限を超えています。"},
		Remedy: Text{"Flatten the nesting, or move inner assemblies to a BOM of their own and link to it.", "入れ子を浅くするか、内側の組立品を別の部品表に分けてリンクしてください。"},
	},
	{
		Code: "BOM-TOKENS-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document has more JSON names, values and brackets than the limit.", "JSON の名前・値・括弧の数が上限を超えています。"},
		Remedy: Text{"Split the BOM into parts that link to each other.", "部品表を相互にリンクする複数の文書に分割してください。"},
	},
	{
		Code: "BOM-JSON-EMPTY", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document is empty.", "文書が空です。"},
		Remedy: Text{"Give the file that was meant; check that the tool that wrote it ran to its end.", "正しいファイルを指定し、出力したツールが最後まで実行されたか確認してください。"},
	},
	{
		Code: "BOM-JSON-TRUNCATED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document ends before its JSON is complete.", "JSON が途中で終わっています。"},
		Remedy: Text{"Copy or download the file again, or have it written anew.", "ファイルをもう一度コピーまたは取得するか、作り直してください。"},
	},
	{
		Code: "BOM-JSON-SYNTAX", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document is not JSON.", "文書が JSON として正しくありません。"},
		Remedy: Text{"Mend the place that the finding names, or write the file with a tool that writes standard JSON.", "示された箇所を直すか、標準の JSON を出力するツールで作り直してください。"},
	},
	{
		Code: "BOM-JSON-TRAILING", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Something follows the end of the JSON document.", "JSON 文書の終わりの後に余分なデータがあります。"},
		Remedy: Text{"Remove what follows the last bracket; put each document into a file of its own.", "最後の括弧より後ろを削除し、文書ごとに別のファイルにしてください。"},
	},
	{
		Code: "BOM-UTF8-MARK", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document begins with a byte order mark, which JSON forbids.", "JSON では許されないバイト順マークが文書の先頭にあります。"},
		Remedy: Text{"Save the file as UTF-8 without a byte order mark.", "バイト順マークなしの UTF-8 で保存してください。"},
	},
	{
		Code: "BOM-UTF8-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document has bytes that are not UTF-8.", "UTF-8 として正しくないバイトがあります。"},
		Remedy: Text{"Save the file as UTF-8.", "ファイルを UTF-8 で保存してください。"},
	},
	{
		Code: "BOM-SURROGATE-LONE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A \\u escape is half of a surrogate pair, which stands for no character.", "\\u エスケープがサロゲートペアの片方だけで、文字を表していません。"},
		Remedy: Text{"Write the character itself or both halves of its pair.", "文字そのもの、またはペアの両方を書いてください。"},
	},
	{
		Code: "BOM-MEMBER-DUPLICATE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Two members of one JSON object have the same name, so that two readers could see two documents.", "同じ JSON オブジェクトに同名のメンバーがあり、読み手によって内容が変わるおそれがあります。"},
		Remedy: Text{"Keep the one that is meant and remove the other.", "正しいほうだけを残し、もう一方を削除してください。"},
	},
	{
		Code: "BOM-MEMBER-CASE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A member differs in upper and lower case only from another of the same JSON object or from one of the specification, so that two readers could see two documents.", "同じ JSON オブジェクトの別のメンバー、または仕様のメンバーと大文字・小文字だけが異なるメンバーがあり、読み手によって内容が変わるおそれがあります。"},
		Remedy: Text{"Keep the name that the specification has and remove the other.", "仕様どおりの名前だけを残し、もう一方を削除してください。"},
	},
	{
		Code: "BOM-NUMBER-RANGE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A number is so large, so small or so long that readers disagree about its value.", "数値が大きすぎる、小さすぎる、または桁数が多すぎるため、読み手によって値が変わります。"},
		Remedy: Text{"Write a number that a 64-bit floating-point value can hold, or write it as a string where the schema has one.", "64 ビット浮動小数点数で表せる数値にするか、スキーマが許す場合は文字列で書いてください。"},
	},
	{
		Code: "BOM-NUMBER-PRECISION", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A number is beyond 2^53 − 1, up to which every reader is exact.", "数値が 2^53 − 1 を超えており、読み手によっては正確に扱えません。"},
		Remedy: Text{"Write a smaller number, or a string where the schema has one.", "より小さい数値にするか、スキーマが許す場合は文字列で書いてください。"},
	},
	{
		Code: "BOM-VERSION-INEXACT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The version of the BOM is beyond 2^53 − 1, so that two versions could read as one.", "部品表の版番号が 2^53 − 1 を超えており、異なる版が同じ版として読まれるおそれがあります。"},
		Remedy: Text{"Number the versions of a BOM 1, 2, 3 and so on.", "部品表の版番号は 1、2、3 のように付けてください。"},
	},
	{
		Code: "BOM-ROOT-KIND", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document is JSON but no object, so it is no BOM.", "JSON ですがオブジェクトではないため、部品表ではありません。"},
		Remedy: Text{"Give a CycloneDX BOM in JSON.", "JSON 形式の CycloneDX 部品表を指定してください。"},
	},
	{
		Code: "BOM-FORMAT-XML", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document is XML; only JSON is admitted.", "文書が XML であり、受け付けられる JSON ではありません。"},
		Remedy: Text{"Export the BOM as CycloneDX JSON 1.6.", "部品表を CycloneDX 1.6 の JSON で出力してください。"},
	},
	{
		Code: "BOM-FORMAT-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document does not say that it is a CycloneDX BOM.", "CycloneDX の部品表であることを示す記述がありません。"},
		Remedy: Text{"Give a CycloneDX BOM, with bomFormat \"CycloneDX\"; convert other formats first.", "bomFormat が \"CycloneDX\" の部品表を指定し、他の形式は先に変換してください。"},
	},
	{
		Code: "BOM-SPEC-MISSING", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The BOM does not say which version of CycloneDX it follows.", "準拠する CycloneDX の版が示されていません。"},
		Remedy: Text{"State specVersion, for instance \"1.6\".", "specVersion を \"1.6\" のように記載してください。"},
	},
	{
		Code: "BOM-SPEC-UNSUPPORTED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"This version of CycloneDX has no JSON form.", "この版の CycloneDX には JSON 形式がありません。"},
		Remedy: Text{"Export the BOM as CycloneDX 1.6 or another version from 1.2 to 1.7.", "部品表を CycloneDX 1.6 など、1.2 から 1.7 のいずれかの版で出力してください。"},
	},
	{
		Code: "BOM-SPEC-FUTURE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The document follows CycloneDX 2.0, which is not supported yet.", "CycloneDX 2.0 の文書ですが、まだ対応していません。"},
		Remedy: Text{"Export the BOM as CycloneDX 1.6.", "部品表を CycloneDX 1.6 で出力してください。"},
	},
	{
		Code: "BOM-SPEC-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The stated specVersion is no version of CycloneDX.", "記載された specVersion は CycloneDX の版ではありません。"},
		Remedy: Text{"State the version that the BOM follows, as a string like \"1.6\".", "準拠する版を \"1.6\" のような文字列で記載してください。"},
	},
	{
		Code: "BOM-SCHEMA-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The BOM breaks the official schema of its version at the place named.", "示された箇所が、その版の公式スキーマに違反しています。"},
		Remedy: Text{"Mend that place as the CycloneDX specification of that version asks.", "その版の CycloneDX 仕様に従って該当箇所を直してください。"},
	},
	{
		Code: "BOM-SCHEMA-STRICT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The BOM meets the lenient schema of its version but not the strict one, by which documents are admitted.", "その版の緩いスキーマには適合しますが、受け付けの基準である厳格なスキーマに違反しています。"},
		Remedy: Text{"Remove or correct the member at the place named, or export the BOM as CycloneDX 1.6.", "示された箇所のメンバーを削除または修正するか、部品表を CycloneDX 1.6 で出力してください。"},
	},
	{
		Code: "BOM-SCHEMA-UNUSABLE", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"The schema inside this program can't be used.", "プログラムに内蔵されたスキーマを使用できません。"},
		Remedy: Text{"Install the program again and report the fault.", "プログラムを再インストールし、障害として報告してください。"},
	},
	{
		Code: "BOM-REF-DUPLICATE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Two components or services have the same bom-ref, so that what refers to it is ambiguous.", "複数の部品またはサービスが同じ bom-ref を持ち、参照先を特定できません。"},
		Remedy: Text{"Give each component and each service a bom-ref of its own.", "部品とサービスのそれぞれに固有の bom-ref を付けてください。"},
	},
	{
		Code: "BOM-REF-REPEATED", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A bom-ref is used more than once, at least once outside the inventory of components and services.", "同じ bom-ref が部品・サービス一覧以外の箇所を含めて複数回使われています。"},
		Remedy: Text{"Give each element a bom-ref of its own.", "要素ごとに固有の bom-ref を付けてください。"},
	},
	{
		Code: "BOM-REF-DANGLING", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"Something refers to a bom-ref that nothing in the BOM has.", "部品表に存在しない bom-ref が参照されています。"},
		Remedy: Text{"Correct the reference, add what it refers to, or link to another BOM by urn:cdx.", "参照を直すか、参照先を追加するか、urn:cdx で別の部品表にリンクしてください。"},
	},
	{
		Code: "BOM-DEPENDENCY-CYCLE", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"Things depend on each other in a circle.", "依存関係が循環しています。"},
		Remedy: Text{"Remove the dependency that is not one, or state the parts as components of each other's assembly.", "実際にはない依存関係を取り除くか、組立品の部品として記載してください。"},
	},
	{
		Code: "BOM-DEPENDENCY-REPEATED", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The dependencies of one thing are stated twice, of which some readers take one.", "同じ要素の依存関係が二度記載されており、一方しか読まれないおそれがあります。"},
		Remedy: Text{"Join them into one entry.", "一つの項目にまとめてください。"},
	},
	{
		Code: "BOM-LINK-MALFORMED", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A BOM-Link does not follow its grammar, so that it leads nowhere.", "BOM-Link が文法どおりでないため、参照先をたどれません。"},
		Remedy: Text{"Write urn:cdx:UUID/VERSION in lower case, with #BOM-REF for a part of it.", "urn:cdx:UUID/版番号 を小文字で書き、その一部を指す場合は #bom-ref を付けてください。"},
	},
	{
		Code: "BOM-LINK-SELF", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A BOM-Link leads to the document that it stands in.", "BOM-Link がその文書自身を参照しています。"},
		Remedy: Text{"Link to the BOM that is meant, or refer to the part by its bom-ref.", "意図した部品表にリンクするか、部品を bom-ref で参照してください。"},
	},
	{
		Code: "BOM-CITATION-DANGLING", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A citation names a source for something that the BOM does not hold.", "引用情報が、部品表にない箇所の出典を示しています。"},
		Remedy: Text{"Correct its JSON Pointer, or remove it.", "JSON Pointer を直すか、取り除いてください。"},
	},
	{
		Code: "BOM-MAKER-MISSING", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A component names neither a manufacturer nor a supplier.", "部品に製造者も供給者も記載されていません。"},
		Remedy: Text{"State its manufacturer, or up to CycloneDX 1.5 its supplier.", "製造者 (CycloneDX 1.5 以前では供給者) を記載してください。"},
	},
	{
		Code: "BOM-PROVIDER-MISSING", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A service names no provider.", "サービスの提供者が記載されていません。"},
		Remedy: Text{"State who provides it.", "提供者を記載してください。"},
	},
	{
		Code: "BOM-HASH-LENGTH", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A digest has another length than its algorithm gives, so that nothing can match it.", "ハッシュ値の長さがアルゴリズムと合わないため、照合できません。"},
		Remedy: Text{"Correct the algorithm or compute the digest again.", "アルゴリズム名を直すか、ハッシュ値を計算し直してください。"},
	},
	{
		Code: "BOM-URL-ACTIVE", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A URL would run or show what it carries in the program of whoever opens it.", "開いた人のプログラム上で、内容が実行または表示される URL です。"},
		Remedy: Text{"Link to a page by https, and do not open this one.", "https のページを指定し、この URL は開かないでください。"},
	},
	{
		Code: "BOM-PROPERTY-UNREAD", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A property of origin, party or access stands where nobody reads it.", "原産地・当事者・アクセスのプロパティが、読み取られない場所にあります。"},
		Remedy: Text{"Move it to the component or service that it speaks of.", "それが示す部品またはサービスに移してください。"},
	},
	{
		Code: "BOM-VIEW-UNREADABLE", Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The schema allows the BOM, but its components can't be read, so what they state is unknown.", "スキーマには適合しますが部品の内容を読み取れないため、記載事項は不明として扱います。"},
		Remedy: Text{"Write whole numbers without a fraction and leave out members that the finding names.", "整数は小数点なしで書き、示された項目を取り除いてください。"},
	},
	{
		Code: "BOM-FINDINGS-MORE", Exit: 0, Severity: SeverityNote,
		Cause:  Text{"There are more findings of one code than are listed.", "同じコードの指摘が表示数を超えています。"},
		Remedy: Text{"Mend those that are listed and look again.", "表示された指摘を直してから、もう一度検査してください。"},
	},
}

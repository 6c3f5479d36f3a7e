package problem

// policyRows are the codes of the packages sbom/policy and sbom/origin: a policy
// that is refused, the reasons of its rules, and what is found in origin facts.
var policyRows = []Row{
	{
		Code: "POLICY-YAML-SIZE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy is larger than 256 KiB, nested too deeply, or has too many values.", "ポリシーが256 KiBを超えているか、入れ子が深すぎるか、値が多すぎます。"},
		Remedy: Text{"Split the rules over several policies or shorten their texts.", "規則を複数のポリシーに分けるか、文を短くしてください。"},
	},
	{
		Code: "POLICY-YAML-UTF8", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy holds bytes that are not plain UTF-8 text.", "ポリシーにUTF-8の平文ではないバイトが含まれています。"},
		Remedy: Text{"Save the file as UTF-8 without a byte order mark and without control characters.", "バイト順マークや制御文字のないUTF-8で保存し直してください。"},
	},
	{
		Code: "POLICY-YAML-SYNTAX", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy is not YAML.", "ポリシーがYAMLとして正しくありません。"},
		Remedy: Text{"Mend the place that the refusal names; check the indentation and the quotes there.", "示された箇所の字下げと引用符を確認して直してください。"},
	},
	{
		Code: "POLICY-YAML-DOCUMENTS", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The file holds no document, or more than one.", "ファイルに文書がないか、二つ以上あります。"},
		Remedy: Text{"Keep exactly one policy in the file.", "一つのファイルにポリシーを一つだけ書いてください。"},
	},
	{
		Code: "POLICY-YAML-ANCHOR", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy uses an anchor or an alias.", "ポリシーでアンカーまたはエイリアスが使われています。"},
		Remedy: Text{"Write the value out at each place.", "それぞれの箇所に値をそのまま書いてください。"},
	},
	{
		Code: "POLICY-YAML-MERGE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy uses a merge key.", "ポリシーでマージキーが使われています。"},
		Remedy: Text{"Write the merged fields out at each place.", "まとめた項目をそれぞれの箇所にそのまま書いてください。"},
	},
	{
		Code: "POLICY-YAML-TAG", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy uses a tag.", "ポリシーでタグが使われています。"},
		Remedy: Text{"Remove the tag; every value is read as the text that is written.", "値は書かれた文字のまま読み取られるので、タグを削除してください。"},
	},
	{
		Code: "POLICY-YAML-KEY", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A key of the policy is a list or a mapping.", "ポリシーのキーがリストまたはマッピングになっています。"},
		Remedy: Text{"Use a plain word as the key.", "キーには単純な語を使ってください。"},
	},
	{
		Code: "POLICY-KEY-DUPLICATE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A field of the policy is there twice.", "ポリシーの同じ項目が二回書かれています。"},
		Remedy: Text{"Remove one of the two.", "どちらか一方を削除してください。"},
	},
	{
		Code: "POLICY-KEY-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy has a field that the format does not know.", "書式にない項目がポリシーにあります。"},
		Remedy: Text{"Correct the spelling, or remove the field.", "つづりを直すか、その項目を削除してください。"},
	},
	{
		Code: "POLICY-KEY-MISSING", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy lacks a field, or the field has no value.", "ポリシーに必要な項目または値がありません。"},
		Remedy: Text{"Add the field that the refusal names, with its value.", "示された項目と値を追加してください。"},
	},
	{
		Code: "POLICY-VALUE-KIND", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A value of the policy is of another kind than its field takes.", "ポリシーの値の種類が項目に合っていません。"},
		Remedy: Text{"Write a single value, a list or named fields, as the refusal says.", "示されたとおり、単一の値、リスト、または項目の組で書いてください。"},
	},
	{
		Code: "POLICY-VALUE-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A value of the policy is none that its field can have.", "ポリシーの値がその項目で使える値ではありません。"},
		Remedy: Text{"Write one of the values that the refusal names.", "示された値のいずれかに直してください。"},
	},
	{
		Code: "POLICY-FORMAT-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy is written in a format that this version does not know.", "ポリシーの書式がこの版では扱えません。"},
		Remedy: Text{"Install a newer version of yurai, or write the policy as yurai-policy/1.", "新しい版のyuraiを導入するか、yurai-policy/1で書き直してください。"},
	},
	{
		Code: "POLICY-CODE-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy names a country code that is not officially assigned.", "ポリシーに公式に割り当てられていない国コードがあります。"},
		Remedy: Text{"Use the two capital letters of ISO 3166-1, or a group that the policy defines.", "ISO 3166-1の大文字2字のコードか、ポリシーで定義したグループを使ってください。"},
	},
	{
		Code: "POLICY-TIMEZONE-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The time zone of the policy is not known.", "ポリシーのタイムゾーンが分かりません。"},
		Remedy: Text{"Write the offset from UTC, such as +09:00.", "+09:00のようにUTCとの時差で書いてください。"},
	},
	{
		Code: "POLICY-RULE-DUPLICATE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Two rules of the policy have the same id.", "ポリシーの二つの規則が同じidを持っています。"},
		Remedy: Text{"Give each rule an id of its own.", "規則ごとに異なるidを付けてください。"},
	},
	{
		Code: "POLICY-CEL-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The expression of a rule cannot be compiled.", "規則の式をコンパイルできません。"},
		Remedy: Text{"Mend the expression at the place that the refusal names.", "示された箇所の式を直してください。"},
	},
	{
		Code: "POLICY-CEL-SIZE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The expression of a rule is too long.", "規則の式が長すぎます。"},
		Remedy: Text{"Split the rule in two.", "規則を二つに分けてください。"},
	},
	{
		Code: "POLICY-CEL-TYPE", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The expression of a rule is not true or false.", "規則の式の結果が真偽値ではありません。"},
		Remedy: Text{"Compare its result with what is looked for.", "求める値との比較になるように式を直してください。"},
	},
	{
		Code: "POLICY-WORD-UNKNOWN", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A rule names a stage, a severity, a date or a standing that does not exist, so that it could never hit.", "規則に存在しない段階、重大度、日付または状態が書かれているため、該当することがありません。"},
		Remedy: Text{"Write one of the words that the manual lists for the function.", "その関数の手引きに挙げられた語のいずれかを書いてください。"},
	},
	{
		Code: "POLICY-TEST-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A test of the policy sets an input or expects a rule that does not exist.", "ポリシーのテストに、存在しない入力または規則が書かれています。"},
		Remedy: Text{"Name an input and a rule of this policy.", "このポリシーにある入力と規則の名前にしてください。"},
	},
	{
		Code: "POLICY-TEST-FAILED", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A test that the policy carries came to something else than it expects.", "ポリシーに含まれるテストの結果が期待と異なります。"},
		Remedy: Text{"Mend the rule or the test; see what the rule saw with: yurai policy explain.", "規則が参照した事実を yurai policy explain で確認し、規則またはテストを直してください。"},
	},
	{
		Code: "POLICY-COMMENT-LOST", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The policy cannot be laid out anew without losing a comment or changing its meaning.", "コメントを失うか意味を変えずにポリシーを整形できません。"},
		Remedy: Text{"Move the comment to a line of its own above what it speaks of.", "コメントを対象の直前の独立した行に移してください。"},
	},
	{
		Code: "POLICY-INPUT-UNKNOWN", Status: 0, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The policy has no input of that name.", "その名前の入力はポリシーにありません。"},
		Remedy: Text{"Set one of the inputs that the policy lists under inputs.", "ポリシーのinputsにある名前を指定してください。"},
	},
	{
		Code: "POLICY-INPUT-INVALID", Status: 0, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The value cannot be one of this input.", "この入力に使えない値です。"},
		Remedy: Text{"Write NAME=CODE,CODE with assigned country codes or groups of the policy, or NAME=[] for the empty list.", "NAME=CODE,CODEの形で国コードまたはポリシーのグループを指定し、空のリストはNAME=[]と書いてください。"},
	},
	{
		Code: "POLICY-INPUT-UNSET", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A rule needs an input that nobody has set.", "規則に必要な入力が設定されていません。"},
		Remedy: Text{"Set it with --input NAME=CODE,CODE, or as value in the policy.", "--input NAME=CODE,CODEで指定するか、ポリシーにvalueとして書いてください。"},
	},
	{
		Code: "POLICY-LIST-ABSENT", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A rule needs a reference list that was not given, or another list was given in its place.", "規則に必要な参照リストが指定されていないか、別のリストが指定されています。"},
		Remedy: Text{"Get the list that the policy names from its publisher and give it with --list NAME=FILE.", "ポリシーが指定するリストを発行者から入手し、--list NAME=FILEで指定してください。"},
	},
	{
		Code: "POLICY-LIST-STALE", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A reference list is older than the policy allows, has no date, or is of a day after the time of judgement.", "参照リストがポリシーの許す期間より古いか、日付がないか、判定時点より後の日付です。"},
		Remedy: Text{"Get the newest version of the list from its publisher.", "発行者から最新版のリストを入手してください。"},
	},
	{
		Code: "POLICY-NAME-SIMILAR", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"The name of a party is similar to one on a reference list, and not the same.", "当事者の名称が参照リストの名称と類似していますが、一致はしていません。"},
		Remedy: Text{"Find out whether the two names mean one party, and record the decision.", "二つの名称が同一の当事者を指すか確認し、判断を記録してください。"},
	},
	{
		Code: "POLICY-UNITS-ABSENT", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A rule is about the units that were delivered, and only a document was looked at.", "規則は納入された個体に関するものですが、文書しか確認していません。"},
		Remedy: Text{"Judge the units when they are at hand; until then the rule stays unknown.", "それまでこの規則は不明のままとなるため、実機（個体）の受入時に確認してください。"},
	},
	{
		Code: "POLICY-RULE-HIT", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A rule found what it looks for.", "規則に該当するものが見つかりました。"},
		Remedy: Text{"Look at the subjects that the reason names and decide.", "理由に示された対象を確認して判断してください。"},
	},
	{
		Code: "POLICY-RULE-UNKNOWN", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"A rule cannot be decided because facts are missing, withheld, unreadable or contradicted.", "事実が欠落、秘匿、判読不能または矛盾しているため、規則を判定できません。"},
		Remedy: Text{"Ask the vendor to state the facts of the subjects that the reason names.", "理由に示された対象の事実を記載するよう供給者に求めてください。"},
	},
	{
		Code: "POLICY-RULE-ERROR", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"The expression of a rule failed while it was evaluated.", "規則の式の評価に失敗しました。"},
		Remedy: Text{"Have the author of the policy mend the expression.", "ポリシーの作成者に式の修正を依頼してください。"},
	},
	{
		Code: "POLICY-SUBJECTS-INCOMPLETE", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"Nothing that is listed is of concern, but the bill of materials is not stated to list everything.", "記載されたものに該当はありませんが、部品表がすべてを記載しているとは明示されていません。"},
		Remedy: Text{"Ask the vendor to state in compositions that the listing is complete.", "部品表のcompositionsで完全であると明示するよう供給者に求めてください。"},
	},
	{
		Code: "POLICY-TIME-EARLY", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"The policy is not yet in force.", "ポリシーがまだ発効していません。"},
		Remedy: Text{"Use the version that is in force, or judge for a later time with --at.", "発効中の版を使うか、--atで後の時点を指定してください。"},
	},
	{
		Code: "POLICY-TIME-EXPIRED", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"The policy has expired.", "ポリシーが失効しています。"},
		Remedy: Text{"Get the version that is in force.", "発効中の版を入手してください。"},
	},
	{
		Code: "ORIGIN-VIEW-MISSING", Status: 0, Exit: 10, Severity: SeverityWarning,
		Cause:  Text{"The bill of materials is valid, but no facts can be read from it.", "部品表は有効ですが、事実を読み取れません。"},
		Remedy: Text{"Ask the vendor for a bill of materials without the part that the finding names.", "指摘された部分を含まない部品表を供給者に求めてください。"},
	},
	{
		Code: "ORIGIN-VALUE-MALFORMED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The value of a property of origin, party or access cannot be read, so what it says is unknown.", "原産地・当事者・アクセスのプロパティの値を読み取れないため、その内容は不明として扱います。"},
		Remedy: Text{"Write it in the grammar of its name, for an origin CODE=PERCENT;CODE=PERCENT such as JP=70;MY=30, or withheld.", "名前ごとの文法に従い、原産地ならJP=70;MY=30のようなCODE=PERCENTの並び、またはwithheldと書いてください。"},
	},
	{
		Code: "ORIGIN-NAME-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A property begins with yurai:, or with what looks like it, and is none that is defined.", "yurai:またはそれに似た文字列で始まる、定義されていないプロパティがあります。"},
		Remedy: Text{"Correct the name; the stages are those of the draft of CycloneDX 2.0, such as manufactured.", "CycloneDX 2.0草案の段階名(manufacturedなど)に合わせて名前を直してください。"},
	},
	{
		Code: "ORIGIN-CODE-UNRECOGNISED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A country is named that is no officially assigned code, so it is unknown.", "公式に割り当てられたコードではない国名のため、不明として扱います。"},
		Remedy: Text{"Use the two capital letters of ISO 3166-1.", "ISO 3166-1の大文字2字のコードを使ってください。"},
	},
	{
		Code: "ORIGIN-CODE-LOOKALIKE", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A country is written with characters that only look like its code or name, so it is unknown.", "国のコードや名前に見えるだけの別の文字で書かれているため、不明として扱います。"},
		Remedy: Text{"Ask who wrote it which country is meant, and write the two capital letters A to Z of ISO 3166-1.", "どの国を意味するか作成者に確認し、ISO 3166-1の半角大文字2字のコードで書いてください。"},
	},
	{
		Code: "ORIGIN-COMPLETENESS-UNSTATED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The document does not say how complete it is, so what it does not list is unknown.", "文書の完全性が記載されていないため、記載のないものは不明として扱います。"},
		Remedy: Text{"Name every component in the assemblies of a composition, with aggregate complete if that is so.", "すべての構成要素をcompositionsのassembliesに挙げ、完全な場合はaggregateをcompleteとしてください。"},
	},
	{
		Code: "ORIGIN-SERVICES-UNSTATED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The document lists services and does not say whether they are all.", "サービスの記載がありますが、それですべてかどうかが示されていません。"},
		Remedy: Text{"Name the product in the dependencies of a composition.", "製品をcompositionsのdependenciesに挙げてください。"},
	},
	{
		Code: "ORIGIN-CODE-MAPPED", Status: 0, Exit: 0, Severity: SeverityNote,
		Cause:  Text{"A country was named in words or three letters and read as its code.", "国名または3字コードを2字コードとして読み取りました。"},
		Remedy: Text{"Write the two capital letters of ISO 3166-1.", "ISO 3166-1の大文字2字のコードで書いてください。"},
	},
	{
		Code: "ORIGIN-SHARE-OVER", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The shares of an origin add up to more than 100 %, so it clears nothing.", "原産地の割合の合計が100%を超えているため、該当なしの根拠になりません。"},
		Remedy: Text{"Correct the percentages.", "割合を直してください。"},
	},
	{
		Code: "ORIGIN-FACT-CONTRADICTED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"The same thing is told differently in two places, so it clears nothing.", "同じ事項について二つの箇所の記載が矛盾しているため、該当なしの根拠になりません。"},
		Remedy: Text{"Keep the one that is true, or give each a basis of its own.", "正しい方だけを残すか、それぞれに異なる算定基準を付けてください。"},
	},
	{
		Code: "ORIGIN-FUNCTION-CONTRADICTED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A component states two functions, so it counts as critical.", "構成要素に二つの機能が記載されているため、重要なものとして扱います。"},
		Remedy: Text{"Keep the one that is true.", "正しい方だけを残してください。"},
	},
	{
		Code: "ORIGIN-COMPOSITION-CONTRADICTED", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A component is named under two aggregates, so its completeness is unknown.", "構成要素が二つの異なる完全性の記載に含まれているため、完全性は不明です。"},
		Remedy: Text{"Name it under the one that is true.", "正しい方だけに記載してください。"},
	},
	{
		Code: "ORIGIN-LINK-DIGEST", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A link to another BOM states no SHA-256, or two.", "ほかの部品表への参照に、SHA-256がないか複数あります。"},
		Remedy: Text{"Add the SHA-256 of the linked file to the link's hashes.", "参照の hashes に、参照先ファイルのSHA-256を1つ記載してください。"},
	},
	{
		Code: "ORIGIN-COMPOSITION-LINK", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A composition names something that the document does not hold, so nothing is known to be complete.", "compositionsが文書にないものを参照しているため、完全性は不明です。"},
		Remedy: Text{"Name only a bom-ref of this document.", "この文書にあるbom-refだけを参照してください。"},
	},
	{
		Code: "ORIGIN-STAGE-MISSING", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"One stage of making is told and the other is not, so nothing shows where it was not made.", "製造に関わる段階の一方だけが記載されているため、特定の場所で作られていないことを示せません。"},
		Remedy: Text{"Tell manufactured and assembled of a device, developed and built of software and firmware.", "機器にはmanufacturedとassembled、ソフトウェアとファームウェアにはdevelopedとbuiltの両方を記載してください。"},
	},
	{
		Code: "ORIGIN-STAGE-CUSTOM", Status: 0, Exit: 0, Severity: SeverityNote,
		Cause:  Text{"An origin is told for a stage that CycloneDX does not define, and is not read.", "CycloneDXで定義されていない段階の原産地のため、読み取りません。"},
		Remedy: Text{"Tell it for one of the stages of the draft of CycloneDX 2.0 as well.", "CycloneDX 2.0草案の段階のいずれかでも記載してください。"},
	},
	{
		Code: "ORIGIN-DISTRIBUTION-DIFFERS", Status: 0, Exit: 0, Severity: SeverityWarning,
		Cause:  Text{"A component declares shares that its own parts do not give.", "構成要素に記載された割合が、その内訳の部品から求めた割合と一致しません。"},
		Remedy: Text{"Ask which is right; correct the shares or the parts, or name the basis on which they were worked out.", "どちらが正しいか確認し、割合または部品の記載を直すか、割合の算定基準を明記してください。"},
	},
	{
		Code: "ORIGIN-DRAFT-INVALID", Status: 0, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The file is no document of the draft of CycloneDX 2.0 whose origins and parties can be read.", "CycloneDX 2.0草案の文書として、原産地と当事者を読み取れません。"},
		Remedy: Text{"Mend the place that the refusal names, or give a document of CycloneDX 1.2 to 1.7 without --draft.", "示された箇所を直すか、CycloneDX 1.2～1.7の文書を--draftなしで指定してください。"},
	},
	{
		Code: "ORIGIN-FINDINGS-MORE", Status: 0, Exit: 0, Severity: SeverityNote,
		Cause:  Text{"More findings of one code were made than are shown.", "同じコードの指摘が表示数を超えています。"},
		Remedy: Text{"Mend those that are shown and look again.", "表示された箇所を直してから再度確認してください。"},
	},
}

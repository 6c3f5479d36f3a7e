package problem

// ledgerRows are the codes of package ledger: hashes, checkpoints, proofs,
// tiles, checkpoint keys and the trust file.
var ledgerRows = []Row{
	{
		Code: "LOG-HASH-MALFORMED", Status: 400, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A hash is not written as sha256: with 64 lower-case hexadecimal digits.", "ハッシュ値が「sha256:」と小文字16進64桁の形式ではありません。"},
		Remedy: Text{"Write the hash as sha256: followed by 64 lower-case hexadecimal digits.", "「sha256:」に続けて小文字16進64桁で記載してください。"},
	},
	{
		Code: "LOG-ORIGIN-MALFORMED", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The origin is not a name that a log can have.", "台帳の名称（origin）として使えない文字列です。"},
		Remedy: Text{"Use a schema-less URL without spaces or plus signs, such as ledger.example/jp-power-2026.", "空白や「+」を含まないスキームなしURL（例: ledger.example/jp-power-2026）を指定してください。"},
	},
	{
		Code: "LOG-PROOF-INVALID", Exit: 11, Severity: SeverityError,
		Cause:  Text{"A Merkle proof does not lead to the root of the checkpoint.", "包含証明または整合性証明がチェックポイントのルートに一致しません。"},
		Remedy: Text{"Do not accept the file; fetch a new bundle with yurai fetch and report both bundles to the log operator.", "受け入れずに yurai fetch で証明を取得し直し、両方を台帳運営者に報告してください。"},
	},
	{
		Code: "LOG-PROOF-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The text is not a proof in the form of c2sp.org/tlog-proof.", "c2sp.org/tlog-proof 形式の証明ではありません。"},
		Remedy: Text{"Write the proof again with yurai show --proof, and pass it on unchanged.", "yurai show --proof で証明を出力し直し、変更せずに渡してください。"},
	},
	{
		Code: "LOG-RANGE-INVALID", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The index or size asked for lies outside the log.", "指定された位置またはサイズが台帳の範囲外です。"},
		Remedy: Text{"Ask for an index below the size of the newest checkpoint.", "最新チェックポイントのサイズ未満の位置を指定してください。"},
	},
	{
		Code: "LOG-PATH-MALFORMED", Status: 404, Exit: 2, Severity: SeverityError,
		Cause:  Text{"The path is not a tile or entry bundle of tlog-tiles.", "tlog-tiles のタイルまたは記録束のパスではありません。"},
		Remedy: Text{"Use the paths of c2sp.org/tlog-tiles, such as tile/0/000 or tile/entries/000.p/5.", "c2sp.org/tlog-tiles の形式（例: tile/0/000、tile/entries/000.p/5）を使ってください。"},
	},
	{
		Code: "LOG-TILE-MALFORMED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"A tile does not hold the hashes that were asked for.", "タイルに必要なハッシュが含まれていません。"},
		Remedy: Text{"Read the tile again from the log or from a mirror.", "台帳またはミラーからタイルを読み直してください。"},
	},
	{
		Code: "LOG-BUNDLE-MALFORMED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"An entry bundle of the log is cut off or not in its encoding.", "台帳の記録束が途中で切れているか、形式が正しくありません。"},
		Remedy: Text{"Read the entry bundle again from the log or from a mirror.", "台帳またはミラーから記録束を読み直してください。"},
	},
	{
		Code: "LOG-CHECKPOINT-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A checkpoint is not a signed note of origin, size and root.", "チェックポイントが origin・サイズ・ルートからなる署名付きノートではありません。"},
		Remedy: Text{"Fetch the checkpoint again from the log that the trust file names.", "信頼ファイルに記載の台帳からチェックポイントを取得し直してください。"},
	},
	{
		Code: "LOG-CHECKPOINT-ORIGIN", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The checkpoint belongs to another log.", "チェックポイントが別の台帳のものです。"},
		Remedy: Text{"Use the bundle and the trust file of the same log.", "同じ台帳の証明束と信頼ファイルを使ってください。"},
	},
	{
		Code: "LOG-CHECKPOINT-SIGNATURE", Exit: 11, Severity: SeverityError,
		Cause:  Text{"A signature on the checkpoint is missing or false.", "チェックポイントの署名が欠けているか、正しくありません。"},
		Remedy: Text{"Do not accept it; compare the keys of the trust file with the log operator by telephone.", "受け入れず、信頼ファイルの鍵を台帳運営者に電話などで照合してください。"},
	},
	{
		Code: "LOG-COSIGNATURE-INVALID", Exit: 11, Severity: SeverityError,
		Cause:  Text{"A witness's cosignature is false, has no possible time, or stands there twice.", "立会人の連署が正しくないか、時刻があり得ないか、重複しています。"},
		Remedy: Text{"Do not accept it; fetch the checkpoint again, and ask whoever runs the witness if the same comes.", "受け入れずにチェックポイントを取得し直し、同じ結果になる場合は立会人の運営者に問い合わせてください。"},
	},
	{
		Code: "LOG-QUORUM-UNMET", Exit: 14, Severity: SeverityError,
		Cause:  Text{"Too few of the witnesses that the policy names cosigned the checkpoint.", "チェックポイントの連署が、立会人の定足数に達していません。"},
		Remedy: Text{"Wait until the witnesses have cosigned, then fetch the bundle again; if it stays so, ask the log operator.", "立会人の連署を待って証明束を取得し直し、解消しない場合は台帳運営者に問い合わせてください。"},
	},
	{
		Code: "KEY-CHECKPOINT-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The file holds no private checkpoint key of this log.", "この台帳のチェックポイント署名鍵ではありません。"},
		Remedy: Text{"Restore the keys folder that yurai init made.", "yurai init が作成した keys フォルダーを復元してください。"},
	},
	{
		Code: "KEY-VERIFIER-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A verifier key is not name+id+base64 of an Ed25519 or ML-DSA-44 key.", "検証鍵が Ed25519 または ML-DSA-44 の name+id+base64 形式ではありません。"},
		Remedy: Text{"Copy the verifier key again from the log operator's trust file.", "台帳運営者の信頼ファイルから検証鍵を写し直してください。"},
	},
	{
		Code: "TRUST-FILE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The trust file cannot be read or is not complete.", "信頼ファイルを読めないか、内容が不完全です。"},
		Remedy: Text{"Take the trust file from your log operator again, or correct the member that the message names.", "台帳運営者から信頼ファイルを受け取り直すか、示された項目を修正してください。"},
	},
	{
		Code: "TRUST-FORMAT-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The trust file has a format that this program does not read.", "この版では読めない形式の信頼ファイルです。"},
		Remedy: Text{"Install a newer yurai, or give a trust file of format yurai-trust/1.", "新しい yurai を導入するか、yurai-trust/1 形式のファイルを指定してください。"},
	},
	{
		Code: "TRUST-WITNESS-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A witness policy is not in the form of c2sp.org/tlog-policy.", "立会人の規則が c2sp.org/tlog-policy の形式ではありません。"},
		Remedy: Text{"Correct the line that the message names: witness NAME VKEY [URL], group NAME all|any|K NAME…, quorum NAME|none, each ending with a line feed.", "示された行を「witness 名前 検証鍵 [URL]」「group 名前 all|any|人数 名前…」「quorum 名前|none」のいずれかの形に修正し、改行で終えてください。"},
	},
	{
		Code: "TRUST-WITNESS-LOG", Exit: 3, Severity: SeverityError,
		Cause:  Text{"A witness of the policy has a key of the log that it should watch.", "立会人の鍵が、監視対象の台帳自身の鍵です。"},
		Remedy: Text{"Take the witness's own verifier key from whoever runs the witness.", "立会人の運営者から、立会人自身の検証鍵を受け取ってください。"},
	},
	{
		Code: "TRUST-LIST-UNSUPPORTED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The trust file names reference lists, which this version cannot read.", "信頼ファイルが参照リストを指定していますが、この版では読めません。"},
		Remedy: Text{"Install a version that reads reference lists, or remove them from the trust file.", "参照リストを読める版を導入するか、信頼ファイルから外してください。"},
	},
}

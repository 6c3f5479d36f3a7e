package problem

// statementRows are the codes of envelopes, keys, statements and the registry.
var statementRows = []Row{
	{
		Code: "ENVELOPE-SIZE-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The signed statement is larger than an entry of the log may be.", "署名済みの申告が、台帳の1記録の上限を超えています。"},
		Remedy: Text{"Shorten the note or the lists in the statement and sign it again.", "申告の備考や一覧を短くして、署名し直してください。"},
	},
	{
		Code: "ENVELOPE-JSON-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement file is not strict JSON.", "申告ファイルが厳密な JSON ではありません。"},
		Remedy: Text{"Send the file as yurai sign wrote it, or sign anew.", "yurai sign が出力したファイルをそのまま送るか、署名し直してください。"},
	},
	{
		Code: "ENVELOPE-MEMBER-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement file is not a DSSE envelope of payloadType, payload and signatures alone.", "申告ファイルが payloadType・payload・signatures だけの DSSE 封筒ではありません。"},
		Remedy: Text{"Send a DSSE envelope without further members, for example one made by yurai sign.", "他の項目を含まない DSSE 封筒（yurai sign の出力など）を送ってください。"},
	},
	{
		Code: "ENVELOPE-TYPE-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The envelope's payload type is not an in-toto statement in JSON.", "封筒のペイロード型が in-toto 申告（JSON）ではありません。"},
		Remedy: Text{"Sign with payload type application/vnd.in-toto+json, as yurai sign does.", "yurai sign と同じく、ペイロード型 application/vnd.in-toto+json で署名してください。"},
	},
	{
		Code: "ENVELOPE-BASE64-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The payload or a signature is not padded base64 in its one form.", "ペイロードまたは署名が、正規のパディング付き base64 ではありません。"},
		Remedy: Text{"Encode it again as padded base64 without line breaks.", "改行のないパディング付き base64 で符号化し直してください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-ABSENT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Nobody has signed the statement.", "申告に署名がありません。"},
		Remedy: Text{"Sign it with yurai sign and a key of the party.", "yurai sign を使い、当事者の署名鍵で署名してください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-COUNT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement carries more than 16 signatures.", "申告の署名が16個を超えています。"},
		Remedy: Text{"Leave out the signatures that the party's threshold does not need.", "しきい値に必要のない署名を除いてください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-FORM", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"No signature is of an admitted algorithm in a form the log can hold.", "台帳に記録できる形式で、認められた方式の署名がありません。"},
		Remedy: Text{"Sign again with an Ed25519 or ECDSA P-256 key.", "Ed25519 または ECDSA P-256 の鍵で署名し直してください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-DUPLICATE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"One key signs the statement twice.", "同じ鍵による署名が二つあります。"},
		Remedy: Text{"Keep one signature of each key.", "鍵ごとに署名を一つだけ残してください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-INVALID", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A signature under a key of the acting party does not fit the statement.", "当事者の鍵による署名が、申告の内容と一致しません。"},
		Remedy: Text{"Sign exactly these bytes again; if nobody changed them here, treat the file as tampered with.", "この内容に署名し直し、変更した覚えがなければ改ざんとして扱ってください。"},
	},
	{
		Code: "ENVELOPE-SIGNATURE-SURPLUS", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The leaf carries a signature that does not verify under a key of the acting party.", "記録に、当事者の鍵では検証できない署名が含まれています。"},
		Remedy: Text{"Submit the statement, not a leaf made by hand; in an audit, hold it against the log.", "手作りの記録ではなく申告を提出し、監査で見つかった場合は台帳の違反として扱ってください。"},
	},
	{
		Code: "ENVELOPE-KEY-UNKNOWN", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The statement is signed by no key of the party it names.", "申告が、記載された当事者のどの鍵でも署名されていません。"},
		Remedy: Text{"Sign with a key that is enrolled for this party, or name the party whose key it is.", "この当事者に登録された鍵で署名するか、その鍵の当事者を指定してください。"},
	},
	{
		Code: "ENVELOPE-LEAF-FORM", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The leaf is not in the one form that the log holds.", "記録が、台帳の定める唯一の形式ではありません。"},
		Remedy: Text{"Submit the statement and let the ledger write the leaf; in an audit, hold it against the log.", "申告を提出して台帳に記録を作らせ、監査で見つかった場合は台帳の違反として扱ってください。"},
	},
	{
		Code: "KEY-SPKI-MALFORMED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The public key cannot be read.", "公開鍵を読み取れません。"},
		Remedy: Text{"Give the key as SubjectPublicKeyInfo, for example the .pub file that yurai key new wrote.", "SubjectPublicKeyInfo 形式の鍵（yurai key new が出力した .pub など）を指定してください。"},
	},
	{
		Code: "KEY-SPKI-ENCODING", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The public key is not in its one encoding.", "公開鍵が唯一の正規の符号化ではありません。"},
		Remedy: Text{"Export the key again from the program that made it.", "鍵を作成したプログラムから、もう一度書き出してください。"},
	},
	{
		Code: "KEY-ALGORITHM-REFUSED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The key is neither Ed25519 nor ECDSA on P-256.", "鍵が Ed25519 でも ECDSA P-256 でもありません。"},
		Remedy: Text{"Make a key with yurai key new.", "yurai key new で鍵を作成してください。"},
	},
	{
		Code: "KEY-POINT-WEAK", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The Ed25519 key is a point under which anybody can sign.", "Ed25519 の鍵が、誰でも署名を偽造できる弱い点です。"},
		Remedy: Text{"Make a new key with yurai key new and look into where this one came from.", "yurai key new で鍵を作り直し、この鍵の入手元を調べてください。"},
	},
	{
		Code: "KEY-PEM-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The key file is not one PEM block of the expected kind.", "鍵ファイルが、想定した種類の単一の PEM ブロックではありません。"},
		Remedy: Text{"Give the file that yurai key new wrote: PRIVATE KEY to sign with, PUBLIC KEY to show.", "yurai key new が出力したファイル（署名には PRIVATE KEY、提示には PUBLIC KEY）を指定してください。"},
	},
	{
		Code: "KEY-PEM-ENCRYPTED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The private key is encrypted, and this program reads plain PKCS #8 only.", "秘密鍵が暗号化されていますが、このプログラムは平文の PKCS #8 だけを読み取ります。"},
		Remedy: Text{"Write it out as plain PKCS #8 with openssl pkcs8 -topk8 -nocrypt and guard the file.", "openssl pkcs8 -topk8 -nocrypt で平文の PKCS #8 に変換し、ファイルを厳重に保管してください。"},
	},
	{
		Code: "STATEMENT-SIZE-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement is larger than 48 KiB.", "申告が 48 KiB を超えています。"},
		Remedy: Text{"Shorten its note or lists.", "備考や一覧を短くしてください。"},
	},
	{
		Code: "STATEMENT-BODY-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement's body is larger than 32 KiB.", "申告の本体が 32 KiB を超えています。"},
		Remedy: Text{"Shorten its note or lists.", "備考や一覧を短くしてください。"},
	},
	{
		Code: "STATEMENT-JSON-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The signed statement is not strict JSON.", "署名された申告が厳密な JSON ではありません。"},
		Remedy: Text{"Write the statement with yurai and sign it again.", "yurai で申告を作成し、署名し直してください。"},
	},
	{
		Code: "STATEMENT-TYPE-FOREIGN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The signed payload is no statement of this ledger.", "署名された内容が、この台帳の申告ではありません。"},
		Remedy: Text{"Use a predicate type under https://github.com/yurai-ledger/yurai/.", "https://github.com/yurai-ledger/yurai/ で始まる predicateType を使ってください。"},
	},
	{
		Code: "STATEMENT-KIND-NEWER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"This program does not know statements of this kind.", "このプログラムは、この種類の申告に対応していません。"},
		Remedy: Text{"Use a newer yurai.", "新しい版の yurai を使ってください。"},
	},
	{
		Code: "STATEMENT-VERSION-NEWER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"This program does not know this version of the kind of statement.", "このプログラムは、この種類の申告のこの版に対応していません。"},
		Remedy: Text{"Use a newer yurai.", "新しい版の yurai を使ってください。"},
	},
	{
		Code: "STATEMENT-RULES-NEWER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log runs by rules that this program does not know.", "この台帳は、このプログラムが対応していない規則で運営されています。"},
		Remedy: Text{"Use a newer yurai.", "新しい版の yurai を使ってください。"},
	},
	{
		Code: "STATEMENT-WORD-NEWER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement uses a word of the format that this program does not know.", "申告に、このプログラムが対応していない語が使われています。"},
		Remedy: Text{"Use a newer yurai, or correct the word.", "新しい版の yurai を使うか、語を訂正してください。"},
	},
	{
		Code: "STATEMENT-MEMBER-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement has a member that its kind does not know.", "申告に、この種類では使えない項目があります。"},
		Remedy: Text{"Remove the member, put free text into note, and sign again.", "その項目を除き、自由記述は note に書いて、署名し直してください。"},
	},
	{
		Code: "STATEMENT-MEMBER-INVALID", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A member of the statement is missing or outside its grammar.", "申告の項目が欠けているか、書式に合っていません。"},
		Remedy: Text{"Correct the member that the message names and sign again.", "示された項目を訂正し、署名し直してください。"},
	},
	{
		Code: "STATEMENT-SUBJECT-WRONG", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement's subject is not what its kind speaks of.", "申告の対象が、その種類の定める対象と一致しません。"},
		Remedy: Text{"Build the statement with yurai, which fills in the subject.", "対象を自動で記入する yurai で申告を作成してください。"},
	},
	{
		Code: "STATEMENT-DIGEST-MALFORMED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A digest is not sha256: and 64 lower-case hex digits.", "ダイジェストが「sha256:」と小文字16進64桁の形ではありません。"},
		Remedy: Text{"Write the digest in that form.", "定められた形でダイジェストを書いてください。"},
	},
	{
		Code: "STATEMENT-TIME-MALFORMED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A time is not RFC 3339 in UTC with whole seconds.", "時刻が RFC 3339 の UTC・秒単位の形ではありません。"},
		Remedy: Text{"Write the time like 2026-11-22T10:00:00Z.", "2026-11-22T10:00:00Z のように時刻を書いてください。"},
	},
	{
		Code: "STATEMENT-ORIGIN-MALFORMED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The name of the log is not host, optional port and path in lower case.", "台帳の名前が、小文字のホスト名と任意のポート・パスの形ではありません。"},
		Remedy: Text{"Name the log as in trust.json, for example ledger.example/jp-power-2026.", "trust.json のとおり、ledger.example/jp-power-2026 のように指定してください。"},
	},
	{
		Code: "STATEMENT-PARTY-MALFORMED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A party id does not keep the grammar or the check digit of its scheme.", "当事者の識別子が、その体系の書式または検査数字に合っていません。"},
		Remedy: Text{"Correct the id; the check digit shows most slips of the pen.", "識別子を確かめて訂正してください。"},
	},
	{
		Code: "STATEMENT-PARTY-SCHEME", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A party id is of a scheme that this program does not know.", "当事者の識別子の体系に、このプログラムが対応していません。"},
		Remedy: Text{"Use jp-corp, lei, dns, duns or x, or a newer yurai.", "jp-corp・lei・dns・duns・x のいずれかを使うか、新しい版の yurai を使ってください。"},
	},
	{
		Code: "STATE-ADMISSION-MISSING", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log has no admission yet and takes nothing.", "台帳に受付条件がまだなく、何も記録できません。"},
		Remedy: Text{"Ask who runs the ledger to publish its first admission.", "台帳の運営者に、最初の受付条件の公開を依頼してください。"},
	},
	{
		Code: "STATE-ALGORITHM-CLOSED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log does not take keys of this algorithm.", "台帳が、この方式の鍵を受け付けていません。"},
		Remedy: Text{"Use a key of an algorithm that the admission names.", "受付条件にある方式の鍵を使ってください。"},
	},
	{
		Code: "STATE-BOM-LIMIT", Status: 413, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The BOM is larger than the log's admission allows.", "部品表が、台帳の受付条件の上限を超えています。"},
		Remedy: Text{"Split the BOM into parts that link to each other.", "部品表を相互にリンクする複数の文書に分割してください。"},
	},
	{
		Code: "STATE-ENTRY-IDLE", Severity: SeverityNote,
		Cause:  Text{"An entry repeats an earlier one and changes nothing.", "以前の記録と同一で、何も変えない記録です。"},
		Remedy: Text{"Nothing needs to be done; read the earlier entry.", "対応は不要ですので、以前の記録をご覧ください。"},
	},
	{
		Code: "STATE-FREEZE-ROOT", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The freeze names another root than the tree that it would end.", "凍結の申告にあるルートが、凍結しようとする木のルートと異なります。"},
		Remedy: Text{"Make it anew with yurai freeze; if the same root comes again, hold it against the log as a fork.", "yurai freeze で作り直し、再び同じルートになる場合は台帳の分岐として調べてください。"},
	},
	{
		Code: "STATE-FREEZE-SIZE", Status: 409, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log is no longer, or not yet, as large as the freeze says.", "台帳の記録数が、凍結の申告にある数と一致しません。"},
		Remedy: Text{"Make the freeze anew on the tree as it is now, and ask those who submit to pause if entries keep coming.", "現在の木に対して凍結の申告を作り直し、記録が増え続ける場合は、提出者に一時見合わせを依頼してください。"},
	},
	{
		Code: "STATE-GENESIS-MISSING", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The first entry of the log is not its genesis.", "台帳の最初の記録が創始記録ではありません。"},
		Remedy: Text{"Make the log with yurai init, or check that the right log was asked.", "yurai init で台帳を作成するか、正しい台帳か確認してください。"},
	},
	{
		Code: "STATE-GENESIS-SECOND", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A log has one genesis, and this would be a second.", "創始記録は一つだけで、二つ目は記録できません。"},
		Remedy: Text{"Make a new log with yurai init instead.", "新しい台帳を yurai init で作成してください。"},
	},
	{
		Code: "STATE-INDEX-ORDER", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"Entries were given to the registry out of order.", "記録が正しい順序で登録簿に渡されていません。"},
		Remedy: Text{"Restart the server, which replays the log from its files.", "サーバーを再起動し、ファイルから台帳を再生してください。"},
	},
	{
		Code: "STATE-KEY-STANDING", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A key that signed does not stand for the acting party at this index.", "署名した鍵が、この時点でその当事者の有効な鍵ではありません。"},
		Remedy: Text{"Sign with a key that is now enrolled for the party.", "現在この当事者に登録されている鍵で署名してください。"},
	},
	{
		Code: "STATE-KEY-TAKEN", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A key of the party already belongs to somebody else.", "当事者の鍵が、すでに他の当事者のものです。"},
		Remedy: Text{"Make a key of its own for each party with yurai key new.", "yurai key new で当事者ごとに固有の鍵を作成してください。"},
	},
	{
		Code: "STATE-KIND-CLOSED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log's admission does not take statements of this kind.", "台帳の受付条件が、この種類の申告を認めていません。"},
		Remedy: Text{"Ask the registrar to admit the kind, or submit to a log that does.", "登録者に種類の追加を依頼するか、受け付ける台帳に提出してください。"},
	},
	{
		Code: "STATE-KIND-NEVER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"A statement of this kind travels by itself and is never an entry.", "この種別の申告は単独で受け渡すもので、台帳の記録にはなりません。"},
		Remedy: Text{"Keep it in the file it came in, and submit nothing.", "受け取ったファイルのまま保管し、提出しないでください。"},
	},
	{
		Code: "STATE-KIND-NEWER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"This program has no rule for statements of this kind.", "このプログラムには、この種類の申告の規則がありません。"},
		Remedy: Text{"Use a newer yurai.", "新しい版の yurai を使ってください。"},
	},
	{
		Code: "STATE-LEAF-UNPREPARED", Status: 500, Exit: 1, Severity: SeverityError,
		Cause:  Text{"The guard was given something other than a prepared statement.", "確認前の申告が登録簿に渡されました。"},
		Remedy: Text{"Report this as a fault of the program.", "プログラムの不具合として報告してください。"},
	},
	{
		Code: "STATE-LOG-FROZEN", Status: 409, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The log is frozen: its registrar ended it, and a successor goes on.", "登録者により台帳が凍結されており、後継の台帳が引き継いでいます。"},
		Remedy: Text{"Sign for the successor that the message names and submit there; what this log holds stays valid and can be read.", "メッセージに示された後継の台帳宛てに署名して提出してください（この台帳の記録は引き続き有効で、閲覧できます）。"},
	},
	{
		Code: "STATE-LOG-OTHER", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement is for another log.", "申告が別の台帳に宛てたものです。"},
		Remedy: Text{"Sign a statement for this log, or submit to the log it names.", "この台帳宛てに署名し直すか、記載された台帳に提出してください。"},
	},
	{
		Code: "STATE-PARTY-UNKNOWN", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The party is not enrolled in this log.", "当事者がこの台帳に登録されていません。"},
		Remedy: Text{"Send a party request to the registrar and have it enrolled.", "登録者に当事者登録の申請を送り、登録を受けてください。"},
	},
	{
		Code: "STATE-PARTY-VERSION", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The version of the party statement does not follow the last one.", "当事者申告の版番号が、直前の版に続いていません。"},
		Remedy: Text{"Make the change anew on the newest version.", "最新の版をもとに変更を作り直してください。"},
	},
	{
		Code: "STATE-POSITION-INDEX", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement names an entry that does not come before it.", "申告が、自分より前にない記録を指しています。"},
		Remedy: Text{"Name the position of an entry that the log already has.", "台帳にすでにある記録の位置を指定してください。"},
	},
	{
		Code: "STATE-POSITION-LOG", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement names an entry of another log.", "申告が、別の台帳の記録を指しています。"},
		Remedy: Text{"Name an entry of this log.", "この台帳の記録を指定してください。"},
	},
	{
		Code: "STATE-POSSESSION-MISSING", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A key of the party did not sign the request, so nobody showed that the party has it.", "当事者の鍵による署名が申請になく、鍵の所持が示されていません。"},
		Remedy: Text{"Make the request with every private key of the party.", "当事者のすべての秘密鍵を使って申請を作成してください。"},
	},
	{
		Code: "STATE-PREV-STALE", Status: 409, Exit: 3, Severity: SeverityError,
		Cause:  Text{"Another statement on the same object was recorded first.", "同じ対象についての別の申告が先に記録されています。"},
		Remedy: Text{"Look at the entry that won, and sign the change again with its leaf hash as prev.", "先に記録された申告を確認し、そのリーフハッシュを prev として署名し直してください。"},
	},
	{
		Code: "STATE-PREV-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The statement names a predecessor, but the object has none.", "申告が先行する申告を指していますが、対象には先行する申告がありません。"},
		Remedy: Text{"Leave prev out of the first statement on an object.", "対象についての最初の申告では prev を省いてください。"},
	},
	{
		Code: "STATE-ROLE-MISSING", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The party is not enrolled as a vendor.", "当事者がベンダーとして登録されていません。"},
		Remedy: Text{"Ask the registrar for the role vendor.", "登録者にベンダーの役割の追加を依頼してください。"},
	},
	{
		Code: "STATE-SPEAKS-FOR", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The party may not speak for the maker of this product.", "当事者に、この製品の製造者を代表する権限がありません。"},
		Remedy: Text{"Have the maker sign, or ask the registrar to add it to speaksFor.", "製造者が署名するか、登録者に speaksFor への追加を依頼してください。"},
	},
	{
		Code: "STATE-SPEC-CLOSED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The log's admission does not take this version of CycloneDX.", "台帳の受付条件が、この版の CycloneDX を認めていません。"},
		Remedy: Text{"Write the BOM in a version that the admission names.", "受付条件にある版で部品表を作成してください。"},
	},
	{
		Code: "STATE-SUPERSEDES-IDLE", Severity: SeverityNote,
		Cause:  Text{"An entry claims to supersede another without the right to, and changes nothing.", "権限なく他の記録の差替えを主張しており、何も変えない記録です。"},
		Remedy: Text{"Ask both parties if the claim was meant; the superseded entry stands.", "意図した主張か両当事者に確認し、元の記録は有効なものとして扱ってください。"},
	},
	{
		Code: "STATE-THRESHOLD-SHORT", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"Fewer keys of the acting party signed than have to.", "署名した鍵の数が、当事者のしきい値に足りません。"},
		Remedy: Text{"Gather the missing signatures over the same statement.", "同じ申告に対する不足分の署名を集めてください。"},
	},
	{
		Code: "STATEMENT-FIELD-OPEN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"An officer's name or day of birth is told in the open; a log forgets nothing.", "消すことのできない台帳の記録に、役員の氏名または生年月日が公開のまま記載されています。"},
		Remedy: Text{"Commit to it, as yurai profile publish does.", "yurai profile publish のように、コミットメントとして秘匿してください。"},
	},
	{
		Code: "OPENING-FORMAT-UNKNOWN", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The file of openings has another format than this program reads.", "開示ファイルの形式が、このプログラムで読めるものではありません。"},
		Remedy: Text{"Give a file that `yurai verdict publish`, `yurai decision` or `yurai profile publish` wrote, or update this program.", "`yurai verdict publish`、`yurai decision`、`yurai profile publish` が書いたファイルを指定するか、このプログラムを更新してください。"},
	},
	{
		Code: "OPENING-FILE-MALFORMED", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The file of openings is not in its format.", "開示ファイルの形式が正しくありません。"},
		Remedy: Text{"Ask whoever committed to the fields for the file as it was written.", "秘匿した当事者から、書き出されたままのファイルを受け取ってください。"},
	},
	{
		Code: "OPENING-ENTRY-OTHER", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The openings are for another entry, or for another kind of statement.", "開示ファイルは別の記録、または別の種類の申告のものです。"},
		Remedy: Text{"Show the entry that the file names, or ask for the openings of this one.", "ファイルが示す記録を表示するか、この記録の開示ファイルを求めてください。"},
	},
	{
		Code: "OPENING-FIELD-ABSENT", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The file opens a field to which the statement does not commit.", "申告が秘匿していない項目を開示しようとしています。"},
		Remedy: Text{"Take nothing from the file, and ask for the openings as they were written.", "このファイルの内容を用いず、書き出されたままの開示ファイルを求めてください。"},
	},
	{
		Code: "OPENING-VALUE-FALSE", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The value shown is not the one to which the statement commits.", "示された値は、申告が秘匿した値と異なります。"},
		Remedy: Text{"Take nothing from the file: somebody changed it, or it opens something else.", "改変されたか別の項目の開示であるため、このファイルの内容を用いないでください。"},
	},
	{
		Code: "OPENING-VALUE-INVALID", Exit: 11, Severity: SeverityError,
		Cause:  Text{"The statement commits to a value that its field cannot have.", "申告が秘匿した値は、その項目では認められない値です。"},
		Remedy: Text{"Ask the party that signed it for a new statement; this field says nothing.", "この項目は無効として扱い、署名した当事者に新しい申告を求めてください。"},
	},
	{
		Code: "STATE-DELEGATE-ENDED", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The statement is made after the end of the delegation to the key that signed it.", "申告の日時が、署名した鍵への委任の終了後です。"},
		Remedy: Text{"Have the party sign the statement, or delegate to the key anew.", "当事者自身が署名するか、その鍵に改めて委任してください。"},
	},
	{
		Code: "STATE-DELEGATE-SCOPE", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The key that signed is a delegate's, and the BOM is outside its scope.", "署名した鍵は委任先のものですが、この部品表は委任の範囲外です。"},
		Remedy: Text{"Have the party sign the statement, or widen the delegation.", "当事者自身が署名するか、委任の範囲を広げてください。"},
	},
	{
		Code: "STATE-INVALID-FROM", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The revocation is to begin at an index above its own.", "失効の開始位置が、失効の申告自身の番号より後です。"},
		Remedy: Text{"Leave invalidFrom out to revoke from now on.", "今後の失効だけであれば invalidFrom を省いてください。"},
	},
	{
		Code: "STATE-KEY-REVOKED", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A key of the statement was revoked, and revoked keys do not come back.", "申告に含まれる鍵は失効済みであり、再び使うことはできません。"},
		Remedy: Text{"Make a new key and sign with it.", "新しい鍵を作成し、その鍵で署名してください。"},
	},
	{
		Code: "STATE-LIST-VERSION", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The version of the list does not follow the last one.", "リストの版番号が直前の版に続いていません。"},
		Remedy: Text{"Sign the list as the version after the last one in the log.", "台帳にある最新版の次の版番号で署名し直してください。"},
	},
	{
		Code: "STATE-POLICY-VERSION", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The version of the policy is not above the last one in the log.", "ポリシーの版番号が、台帳にある最新版より大きくありません。"},
		Remedy: Text{"Raise the version in the policy's file and sign it again.", "ポリシーのファイルの版番号を上げて、署名し直してください。"},
	},
	{
		Code: "STATE-WAIVER-SINGLE", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"A waiver is signed by fewer than two different keys of the operator.", "特例承認に、事業者の異なる二つ以上の鍵による署名がありません。"},
		Remedy: Text{"Have a second person sign with a key of their own (--key2).", "別の担当者が自身の鍵（--key2）で署名してください。"},
	},
	{
		Code: "STATE-PARTY-REVOKED", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The party was revoked as a whole, and a revoked party does not come back.", "当事者全体が失効しており、同じ識別子では復帰できません。"},
		Remedy: Text{"Enrol the party under another id.", "別の識別子で当事者を登録してください。"},
	},
	{
		Code: "STATE-SUSPENSION-NONE", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"There is no suspension of this party that the signer could lift.", "この署名者が解除できる停止措置は、当事者に対して取られていません。"},
		Remedy: Text{"Ask whoever suspended the party, or the registrar, to lift it.", "停止措置を取った者または登録機関に解除を依頼してください。"},
	},
	{
		Code: "STATE-TARGET-UNKNOWN", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The revocation is about a key, delegate or party that was never there.", "存在したことのない鍵・委任・当事者を失効させようとしています。"},
		Remedy: Text{"Check the key id, and of whom the key is.", "鍵の識別子と、誰の鍵であるかを確認してください。"},
	},
	{
		Code: "STATE-WITHDRAW-IDLE", Severity: SeverityNote,
		Cause:  Text{"An entry withdraws another without the right to, and changes nothing.", "権限なく他の記録の取下げを主張しており、何も変えない記録です。"},
		Remedy: Text{"Ask both parties if it was meant; the entry that it names stands.", "意図した取下げか両当事者に確認し、元の記録は有効なものとして扱ってください。"},
	},
	{
		Code: "STATE-SNAPSHOT-MALFORMED", Severity: SeverityWarning,
		Cause:  Text{"A snapshot of the registry's state is not in its format.", "登録簿のスナップショットの形式が正しくありません。"},
		Remedy: Text{"Check the disk if it happens again; the log is replayed from its first entry, and the next snapshot takes this one's place.", "台帳は最初の記録から再生され、次のスナップショットに置き換わりますが、繰り返す場合はディスクを点検してください。"},
	},
	{
		Code: "STATE-SNAPSHOT-NEWER", Severity: SeverityWarning,
		Cause:  Text{"A snapshot of the registry's state was made in another format, or by other rules, than this program's.", "登録簿のスナップショットが、この版と異なる形式または規則で作成されています。"},
		Remedy: Text{"Start the newer version if one made it; this one replays the log from its first entry.", "新しい版で作成された場合はその版で起動してください（この版では台帳を最初の記録から再生します）。"},
	},
	{
		Code: "STATE-SNAPSHOT-OTHER", Severity: SeverityWarning,
		Cause:  Text{"A snapshot of the registry's state is not of this log at this size.", "登録簿のスナップショットが、この台帳のこのサイズのものではありません。"},
		Remedy: Text{"Find out who copied files into the log's folder; the log is replayed from its first entry.", "台帳は最初の記録から再生されますが、台帳フォルダーにファイルを複製した者がいないか確認してください。"},
	},
}

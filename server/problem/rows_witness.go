package problem

// witnessRows are the codes of ledger/witness, and of what a server and a verdict
// have to do with witnesses.
var witnessRows = []Row{
	{
		Code: "WITNESS-FOLDER-EXISTS", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The folder of the new witness holds something already.", "新しい立会人のフォルダーが空ではありません。"},
		Remedy: Text{"Name a folder that is empty or does not exist.", "空のフォルダーか、存在しないフォルダーを指定してください。"},
	},
	{
		Code: "WITNESS-FOLDER-INVALID", Exit: 3, Severity: SeverityError,
		Cause:  Text{"This is not the folder of a witness, or a file in it is missing, damaged or open to others.", "立会人のフォルダーではないか、ファイルが欠落・破損しているか、他の利用者が読める状態です。"},
		Remedy: Text{"Name the folder that yurai witness init made, and restore the file that the message names.", "yurai witness init が作成したフォルダーを指定し、示されたファイルを復元してください。"},
	},
	{
		Code: "WITNESS-FOLDER-LOCKED", Exit: 4, Severity: SeverityError,
		Cause:  Text{"Another process has the folder of this witness.", "別のプロセスがこの立会人のフォルダーを使用しています。"},
		Remedy: Text{"End the process that serves the witness, then run the command again.", "立会人を動かしているプロセスを終了してから、再実行してください。"},
	},
	{
		Code: "WITNESS-STATE-DAMAGED", Exit: 1, Severity: SeverityError,
		Cause:  Text{"What the witness cosigned last of a log is lost or damaged.", "立会人がその台帳に最後に連署した記録が失われたか、破損しています。"},
		Remedy: Text{"Retire this witness, which might cosign a second history now, and make a new one with new keys.", "記憶を失った立会人は別の履歴に連署するおそれがあるため使用をやめ、新しい鍵で立会人を作り直してください。"},
	},
	{
		Code: "WITNESS-STATE-UNKNOWN", Exit: 1, Severity: SeverityError,
		Cause:  Text{"The disk failed while the witness was keeping what it cosigned.", "立会人が連署の記録を保存する途中で、ディスクエラーが発生しました。"},
		Remedy: Text{"Check the disk and start the witness again, which settles what is kept.", "ディスクを点検して立会人を再起動すれば、保存内容が確定します。"},
	},
	{
		Code: "WITNESS-STATE-UNWRITTEN", Exit: 4, Severity: SeverityError,
		Cause:  Text{"The witness could not keep what it was about to cosign, and cosigned nothing.", "立会人は記録を保存できなかったため、連署しませんでした。"},
		Remedy: Text{"Make room on the disk of the witness; the log asks again by itself.", "立会人のディスクに空き容量を確保してください（台帳は自動的に再要求します）。"},
	},
	{
		Code: "WITNESS-LOG-EXISTS", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The witness watches this log already.", "立会人はすでにこの台帳を監視しています。"},
		Remedy: Text{"Nothing is to be done; a log with new keys is a new log, with an origin of its own.", "対応は不要です（鍵を替えた台帳は、別の名前を持つ新しい台帳として追加してください）。"},
	},
	{
		Code: "WITNESS-LOG-INVALID", Exit: 2, Severity: SeverityError,
		Cause:  Text{"The log cannot be watched: it has no key, too many, one twice, or the witness's own name.", "鍵がない、多すぎる、重複している、または立会人自身の名前であるため、この台帳は監視できません。"},
		Remedy: Text{"Give the log's origin and its one to eight verifier keys, or its trust file.", "台帳の名前と1個から8個の検証鍵、または信頼ファイルを指定してください。"},
	},
	{
		Code: "WITNESS-REQUEST-MALFORMED", Status: 400, Exit: 3, Severity: SeverityError,
		Cause:  Text{"What the witness was sent is no add-checkpoint request of c2sp.org/tlog-witness.", "立会人への要求が c2sp.org/tlog-witness の add-checkpoint の形式ではありません。"},
		Remedy: Text{"Send the old size, the consistency proof, an empty line and the signed checkpoint.", "旧サイズ、整合性証明、空行、署名済みチェックポイントの順に送信してください。"},
	},
	{
		Code: "WITNESS-LOG-UNKNOWN", Status: 404, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The witness does not watch the log of this checkpoint.", "立会人は、このチェックポイントの台帳を監視していません。"},
		Remedy: Text{"Ask whoever runs the witness to add the log with yurai witness add.", "立会人の運営者に、yurai witness add で台帳を追加するよう依頼してください。"},
	},
	{
		Code: "WITNESS-SIGNATURE-REFUSED", Status: 403, Exit: 5, Severity: SeverityError,
		Cause:  Text{"The checkpoint is not signed by every key that the witness knows of the log.", "立会人の知る台帳のすべての鍵による署名が、チェックポイントにありません。"},
		Remedy: Text{"Compare the keys that the witness was given with those of the log.", "立会人に登録した鍵と台帳の鍵を照合してください。"},
	},
	{
		Code: "WITNESS-OLD-LARGER", Status: 400, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The old size of the request is above the size of the checkpoint.", "要求の旧サイズが、チェックポイントのサイズを超えています。"},
		Remedy: Text{"Send the newest checkpoint of the log.", "台帳の最新のチェックポイントを送信してください。"},
	},
	{
		Code: "WITNESS-SIZE-CONFLICT", Status: 409, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The old size of the request is not the size that the witness cosigned last.", "要求の旧サイズが、立会人が最後に連署したサイズと一致しません。"},
		Remedy: Text{"Ask again from the size that the answer names.", "応答に示されたサイズから要求し直してください。"},
	},
	{
		Code: "WITNESS-PROOF-REFUSED", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{"The checkpoint does not continue the one that the witness cosigned last.", "チェックポイントが、立会人が最後に連署したものの続きであると証明されていません。"},
		Remedy: Text{"Find out whether the log was put back or copied: the witness has kept the checkpoint in its messages.", "台帳の巻き戻しや複製がないか調べてください（チェックポイントは立会人のログに残っています）。"},
	},
	{
		Code: "WITNESS-SERVER-UNREACHABLE", Exit: 4, Severity: SeverityWarning,
		Cause:  Text{"A witness does not answer.", "立会人が応答しません。"},
		Remedy: Text{"Check its address; it is asked again by itself.", "アドレスを確認してください（再要求は自動的に行われます）。"},
	},
	{
		Code: "WITNESS-ANSWER-INVALID", Exit: 4, Severity: SeverityWarning,
		Cause:  Text{"What a witness answered is of no use: nothing of it counts.", "立会人の応答は無効であり、連署として扱いません。"},
		Remedy: Text{"Compare the keys in the witness policy with those of the witness, and ask whoever runs it.", "立会人の規則にある鍵を立会人の鍵と照合し、運営者に問い合わせてください。"},
	},
	{
		Code: "WITNESS-CLOCK-PLACE", Status: 400, Exit: 2, Severity: SeverityError,
		Cause:  Text{"There is no such place in the log's clock.", "台帳の時計にそのような位置はありません。"},
		Remedy: Text{"Give after as a day (2006-01-02) or as next of the page before.", "after には日付（2006-01-02 の形）か、前のページの next の値を指定してください。"},
	},
	{
		Code: "SERVER-WITNESS-ADDRESS", Exit: 3, Severity: SeverityError,
		Cause:  Text{"The server's witness policy names a witness without an address.", "サーバーの立会人の規則に、アドレスのない立会人があります。"},
		Remedy: Text{"Write the URL of the witness behind its key.", "立会人の鍵の後ろに URL を記入してください。"},
	},
	{
		Code: "SERVER-CHECKPOINT-UNWITNESSED", Status: 503, Exit: 4, Severity: SeverityError,
		Cause:  Text{"No checkpoint was cosigned by the witnesses that the server's policy demands.", "サーバーの規則が求める立会人の連署を得たチェックポイントがまだありません。"},
		Remedy: Text{"Wait for the seconds that Retry-After names; if it stays so, check that the witnesses run and watch this log.", "Retry-After の秒数だけ待ち、解消しない場合は、立会人が稼働し、この台帳を監視しているか確認してください。"},
	},
	{
		Code: "BUNDLE-WITNESS-FUTURE", Severity: SeverityWarning,
		Cause:  Text{"Cosignatures that the quorum needs are dated after the time of judgement.", "定足数に必要な連署の日時が、判定時刻より後です。"},
		Remedy: Text{"Check the clock of this machine and the time given with --at.", "この機器の時計と --at に指定した時刻を確認してください。"},
	},
	{
		Code: "BUNDLE-WITNESS-STALE", Severity: SeverityWarning,
		Cause:  Text{"Cosignatures that the quorum needs are older than the policy allows.", "定足数に必要な連署が、ポリシーの許容期間を過ぎています。"},
		Remedy: Text{"Run yurai fetch for the file; if it stays so, ask the log operator whether the witnesses run.", "yurai fetch で証明束を更新し、解消しない場合は、立会人が稼働しているか台帳運営者に問い合わせてください。"},
	},
	{
		Code: "BUNDLE-WITNESS-AGED", Severity: SeverityNote,
		Cause:  Text{"Cosignatures that the quorum needs are not of today.", "定足数に必要な連署の一部が古くなっています。"},
		Remedy: Text{"Run yurai fetch for the file to have newer ones.", "yurai fetch で新しい連署を取得してください。"},
	},
}

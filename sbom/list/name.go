package list

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/yurai-ledger/yurai/sbom"
)

// Algorithm names the folding and the score. Another one gets another number.
const Algorithm = "yurai-name/1"

// Name is a name brought into the form in which it is compared. Only [Fold]
// makes one; the zero value compares with nothing.
type Name struct {
	text   string   // words with a space between, "" if there is nothing to compare
	words  []string // without legal forms
	core   []string // words without those that many companies bear
	joined []rune   // words without spaces
	sorted []rune   // sorted words without spaces
	bare   string   // core without spaces
	eye    string   // what the name looks like, folded; "" if that is text
	mask   uint64   // one bit for each of joined, by its number modulo 64
	key    uint64   // the same for bare
}

// Comparable reports whether there is something to compare.
func (n Name) Comparable() bool { return n.text != "" }

// String returns the words with a space between them.
func (n Name) String() string { return n.text }

// Fold returns a name as yurai-name/1 compares it. A name of more than 512
// bytes, or that is not UTF-8, or holds neither letter nor digit, is not
// comparable.
func Fold(name string) Name {
	if len(name) > maxName || !utf8.ValidString(name) {
		return Name{}
	}
	words := wordsOf(name)
	if len(words) == 0 {
		return Name{}
	}
	n := Name{text: strings.Join(words, " "), words: words, core: coreOf(words)}
	n.joined = []rune(strings.Join(words, ""))
	order := slices.Clone(words)
	slices.Sort(order)
	n.sorted = []rune(strings.Join(order, ""))
	n.bare = strings.Join(n.core, "")
	for _, r := range n.joined {
		n.mask |= 1 << (uint32(r) % 64)
	}
	for _, r := range n.bare {
		n.key |= 1 << (uint32(r) % 64)
	}
	if seen := strings.Map(kana, sbom.Skeleton(name)); seen != name {
		if eye := strings.Join(wordsOf(seen), " "); eye != n.text {
			n.eye = eye
		}
	}
	return n
}

// wordsOf returns the words of a name without legal forms.
func wordsOf(name string) []string {
	name = norm.NFKC.String(strings.Map(voiced, name))
	for _, form := range bracketed {
		name = strings.ReplaceAll(name, form, " ")
	}
	name = letters(name)
	var words []string
	for _, word := range strings.Fields(name) {
		words = append(words, scripts(word)...)
	}
	return withoutForms(words)
}

// letters folds the characters of a name that is in NFKC: what is left are
// letters, digits and single spaces between words.
func letters(name string) string {
	name = norm.NFD.String(cases.Fold().String(name))
	var b strings.Builder
	base := rune(0) // the letter that a combining mark stands on
	for _, r := range name {
		switch {
		case invisible(r):
		case unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Katakana, base) && !unicode.Is(unicode.Hiragana, base):
			if unicode.In(base, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
				continue
			}
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
			b.WriteRune(r) // the voiced sound marks of kana
		case r == '.' || r == '\'' || r == '’' || r == 'ー' || unicode.Is(unicode.Cf, r):
		case r == '&' || r == '+':
			b.WriteString(" and ")
			base = 0
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r):
			base = r
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
			base = 0
		}
	}
	return norm.NFC.String(strings.Map(variant, norm.NFC.String(b.String())))
}

// invisible reports letters and marks that no reader sees.
func invisible(r rune) bool {
	return r == 0x034f || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

// voiced returns the sound mark that joins the kana before it in the place of the
// one that stands alone, which NFKC would set apart.
func voiced(r rune) rune {
	switch r {
	case 0x309b:
		return 0x3099
	case 0x309c:
		return 0x309a
	}
	return r
}

// kana returns the katakana that a character of Chinese looks like.
func kana(r rune) rune {
	if like, ok := kanaLike[r]; ok {
		return like
	}
	return r
}

var kanaLike = map[rune]rune{
	'力': 'カ', '口': 'ロ', '囗': 'ロ', '二': 'ニ', '工': 'エ', '夕': 'タ', '卜': 'ト', '八': 'ハ', '千': 'チ', '才': 'オ', '又': 'ヌ', '厶': 'ム', '匕': 'ヒ',
}

// variant returns the one form of a character that has several.
func variant(r rune) rune {
	if r >= 'ぁ' && r <= 'ゖ' {
		r += 'ァ' - 'ぁ'
	}
	if large, ok := smallKana[r]; ok {
		return large
	}
	if one, ok := variants()[r]; ok {
		return one
	}
	return r
}

// scripts cuts a word where Latin letters or digits meet other scripts.
func scripts(word string) []string {
	var parts []string
	start, was := 0, 0
	for i, r := range word {
		is := 1
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			is = 2
		}
		if was != 0 && unicode.Is(unicode.Mn, r) {
			is = was
		}
		if was != 0 && is != was {
			parts = append(parts, word[start:i])
			start = i
		}
		was = is
	}
	return append(parts, word[start:])
}

// withoutForms leaves legal forms out, unless nothing else is there.
func withoutForms(words []string) []string {
	var out []string
	for _, w := range words {
		if w = cut(w, eastern()); w != "" && w != "and" && w != "the" {
			out = append(out, w)
		}
	}
	for len(out) > 1 && before[out[0]] {
		out = out[1:]
	}
	for len(out) > 1 {
		n := len(out)
		switch {
		case n > 2 && out[n-2] == "kabushiki" && (out[n-1] == "kaisha" || out[n-1] == "gaisha"),
			n > 2 && out[n-2] == "de" && out[n-1] == "cv":
			out = out[:n-2]
		case n > 3 && out[n-3] == "sp" && out[n-2] == "z" && out[n-1] == "oo":
			out = out[:n-3]
		case after[out[n-1]]:
			out = out[:n-1]
		default:
			return out
		}
	}
	if len(out) == 0 {
		return words
	}
	return out
}

// cut takes the forms off both ends of a word, as often as there are any.
func cut(word string, forms []string) string {
	for again := true; again; {
		again = false
		for _, f := range forms {
			short := strings.TrimSuffix(strings.TrimPrefix(word, f), f)
			if short != word {
				word, again = short, true
			}
		}
	}
	return word
}

// coreOf leaves out what many companies bear in their names, unless nothing
// else is there.
func coreOf(words []string) []string {
	var core []string
	for _, w := range words {
		if common[w] {
			continue
		}
		for again := true; again; {
			again = false
			for _, f := range easternCommon() {
				if short := strings.TrimSuffix(w, f); short != w && utf8.RuneCountInString(short) >= 2 {
					w, again = short, true
				}
			}
		}
		if !slices.Contains(easternCommon(), w) {
			core = append(core, w)
		}
	}
	if len(core) == 0 {
		return words
	}
	return core
}

func wordSet(s string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// bracketed are legal forms that only brackets tell from a word, in NFKC.
var bracketed = []string{"(株)", "(有)", "(同)", "(合)", "(資)", "(名)", "(주)", "(유)"}

// Latin and Cyrillic legal forms, folded: those before a name, those after it.
var (
	before = wordSet("pt ooo oao zao pao ao jsc ojsc cjsc pjsc ооо оао зао пао ао")
	after  = wordSet(`co company corp corporation inc incorporated ltd limited llc llp lp plc
		gmbh mbh ag kg kgaa ohg se eg sa sas sasu sarl srl spa sl slu sau sro as asa ab aps bv nv cv
		oy oyj pte pty sdn bhd tbk kk gk yk jsc ojsc cjsc pjsc pao oao zao ooo doo dd ad kft zrt nyrt
		ltda cia eirl sapi hf ehf jv pvt private unlimited ооо оао зао пао`)
)

// common are words that many companies bear, folded.
var common = wordSet(`technology technologies tech electronic electronics electric electrical international
	global worldwide holding holdings group industry industries industrial system systems solution solutions
	communication communications telecom telecommunication telecommunications digital trading trade enterprise
	enterprises service services manufacturing semiconductor semiconductors microelectronics device devices
	instrument instruments engineering software hardware network networks equipment science import export of
	asia pacific europe america usa us uk japan china nippon co corp ltd inc`)

// folded returns words as letters folds them, longest first.
func folded(s string) func() []string {
	return sync.OnceValue(func() []string {
		var list []string
		for _, w := range strings.Fields(s) {
			list = append(list, letters(norm.NFKC.String(w)))
		}
		slices.SortFunc(list, func(a, b string) int {
			if d := len(b) - len(a); d != 0 {
				return d
			}
			return strings.Compare(a, b)
		})
		return slices.Compact(list)
	})
}

var (
	// eastern are legal forms that are written without a space.
	eastern = folded(`株式会社 有限会社 合同会社 合資会社 合名会社 相互会社 一般社団法人 一般財団法人 公益社団法人 公益財団法人
		独立行政法人 国立研究開発法人 学校法人 医療法人 社会福祉法人 特定非営利活動法人
		股份有限公司 有限责任公司 集团有限公司 有限公司 股份公司 公司 주식회사 유한회사 유한책임회사`)
	// easternCommon are words that many companies bear, written without a space.
	easternCommon = folded(`技術 科技 電子 電気 電機 電器 工業 産業 集団 国際 通信 通訊 製作所 商事 貿易 実業 半導体 機械 設備 系統
		グループ ホールディングス テクノロジー テクノロジーズ エレクトロニクス システム システムズ インターナショナル
		ジャパン 日本 中国 그룹 전자`)
)

var smallKana = map[rune]rune{
	'ァ': 'ア', 'ィ': 'イ', 'ゥ': 'ウ', 'ェ': 'エ', 'ォ': 'オ', 'ッ': 'ツ', 'ャ': 'ヤ', 'ュ': 'ユ', 'ョ': 'ヨ', 'ヮ': 'ワ', 'ヵ': 'カ', 'ヶ': 'ケ',
}

// variants maps forms of a character to the first of its group. The groups are
// characters that are common in names of companies and places.
var variants = sync.OnceValue(func() map[rune]rune {
	m := make(map[rune]rune)
	for _, group := range strings.Fields(`
		国國 会會 电電 华華 东東 广廣広 业業 发發発髪 术術 机機 气氣気 龙龍竜 马馬 门門 贸貿 团團団 际際 产產産 实實実 体體
		长長 车車 铁鐵鉄 钢鋼 银銀 铜銅 汉漢 苏蘇 辽遼 宁寧 云雲 岛島嶋 泽澤沢 滨濱浜 齐齊斉 斋齋斎 边邊辺邉 渡渡 桥橋 冈岡
		关關関 开開 远遠 进進 达達 运運 连連 选選 迈邁 视視 讯訊 设設 计計 证證証 识識 话話 语語 读讀読 谷谷 财財 质質 资資
		贝貝 货貨 责責 费費 赛賽 银銀 锐銳鋭 键鍵 锋鋒 钟鐘鍾 镇鎮 网網 红紅 纪紀 级級 纳納 纸紙 线線 组組 细細 织織 经經経 结結
		给給 统統 绿綠緑 维維 综綜 缘緣縁 编編 县縣県 万萬 与與 个個 丰豐豊 临臨 丽麗 义義 乐樂楽 乔喬 习習 书書 买買 乾干 亚亞亜
		亿億 从從 仓倉 仪儀 价價価 优優 伟偉 传傳伝 侨僑 储儲 兰蘭 兴興 养養 军軍 农農 冲沖衝 决決 净淨浄 凤鳳 创創 别別 剂劑剤
		剑劍剣 动動 劳勞労 势勢 区區 医醫 厂廠 厅廳庁 历歷歴 压壓圧 厦廈 双雙 变變変 号號 叶葉 启啟啓 员員 响響 图圖図 圆圓円 圣聖
		场場 块塊 坛壇 垒壘塁 备備 声聲 处處処 头頭 奖獎奨 妇婦 学學 宝寶宝 审審 宪憲 宽寬寛 对對対 导導 寿壽 将將 尔爾 层層
		属屬 岁歲歳 岭嶺 币幣 师師 带帶帯 帮幫 库庫 应應応 庆慶 庙廟 张張 强強 弹彈弾 归歸帰 当當 录錄録 径徑径 忆憶 怀懷 总總総
		恒恆 战戰戦 户戸 护護 报報 担擔 择擇択 损損 换換 据據拠 数數 断斷 无無 旧舊 时時 显顯顕 晓曉暁 权權権 条條 来來 极極 构構
		枪槍 枫楓 栋棟 标標 树樹 样樣様 档檔 桦樺 检檢検 楼樓 模模 欧歐 欢歡歓 残殘 济濟済 测測 浓濃 润潤 涛濤 湾灣 满滿満
		灵靈霊 灯燈 炉爐 点點 热熱 爱愛 牵牽 独獨 环環 现現 玛瑪 画畫 疗療 盐鹽塩 监監 盖蓋 盘盤 矿礦鉱 码碼 础礎 确確 礼禮 种種
		积積 称稱 稳穩穏 穷窮 窑窯 竞競 笔筆 筑築 简簡 类類 粮糧 紧緊 罗羅 联聯連 职職 肃肅 胜勝 脑腦脳 脉脈 艺藝芸 节節 艺藝
		苹蘋 荣榮栄 药藥薬 营營 萨薩 蓝藍 虏虜 补補 衬襯 观觀観 规規 览覽覧 觉覺覚 触觸 誉譽誉 赞贊賛 轨軌 转轉転 轮輪 软軟 载載
		轻輕軽 辉輝 输輸 农農 过過 还還 这這 迁遷 逻邏 遥遙 邮郵 邻鄰隣 郑鄭 酿釀醸 释釋 里裏裡 鉴鑒鑑 钱錢銭 闪閃 闻聞 阳陽 阴陰
		阶階 陆陸 陈陳 险險険 随隨 难難 雾霧 静靜 页頁 项項 顺順 须須 顾顧 预預 领領 频頻 题題 额額 风風 飞飛 馆館舘 驰馳 驱驅駆
		驾駕 骏駿 验驗験 鱼魚 鲁魯 鲜鮮 鸟鳥 鸿鴻 鹏鵬 麦麥 黄黃 齿齒歯 高髙 崎﨑 滝瀧 桜櫻 条條 恵惠 徳德 真眞 斉齋`) {
		first, n := utf8.DecodeRuneInString(group)
		for _, other := range group[n:] {
			if _, told := m[other]; !told && other != first {
				m[other] = first
			}
		}
	}
	// A form whose first is itself mapped follows it, so that folding twice
	// changes nothing more.
	for r, to := range m {
		for range 4 {
			next, ok := m[to]
			if !ok || next == r {
				break
			}
			to = next
		}
		m[r] = to
	}
	return m
})

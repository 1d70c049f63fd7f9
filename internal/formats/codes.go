package formats

import (
	"strings"

	"golang.org/x/text/language"

	"github.com/gopalisade/palisade/internal/ascii"
)

// alpha2 are the 249 codes of ISO 3166-1, in a row.
const alpha2 = "" +
	"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCX" +
	"CYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIR" +
	"ISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNE" +
	"NFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTF" +
	"TGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"

// alpha3 are the same countries in three letters.
const alpha3 = "" +
	"ABWAFGAGOAIAALAALBANDAREARGARMASMATAATFATGAUSAUTAZEBDIBELBENBESBFABGDBGRBHRBHSBIHBLMBLRBLZBMUBOLBRABRBBRNBTN" +
	"BVTBWACAFCANCCKCHECHLCHNCIVCMRCODCOGCOKCOLCOMCPVCRICUBCUWCXRCYMCYPCZEDEUDJIDMADNKDOMDZAECUEGYERIESHESPESTETH" +
	"FINFJIFLKFRAFROFSMGABGBRGEOGGYGHAGIBGINGLPGMBGNBGNQGRCGRDGRLGTMGUFGUMGUYHKGHMDHNDHRVHTIHUNIDNIMNINDIOTIRLIRN" +
	"IRQISLISRITAJAMJEYJORJPNKAZKENKGZKHMKIRKNAKORKWTLAOLBNLBRLBYLCALIELKALSOLTULUXLVAMACMAFMARMCOMDAMDGMDVMEXMHL" +
	"MKDMLIMLTMMRMNEMNGMNPMOZMRTMSRMTQMUSMWIMYSMYTNAMNCLNERNFKNGANICNIUNLDNORNPLNRUNZLOMNPAKPANPCNPERPHLPLWPNGPOL" +
	"PRIPRKPRTPRYPSEPYFQATREUROURUSRWASAUSDNSENSGPSGSSHNSJMSLBSLESLVSMRSOMSPMSRBSSDSTPSURSVKSVNSWESWZSXMSYCSYRTCA" +
	"TCDTGOTHATJKTKLTKMTLSTONTTOTUNTURTUVTWNTZAUGAUKRUMIURYUSAUZBVATVCTVENVGBVIRVNMVUTWLFWSMYEMZAFZMBZWE"

// currencies are the active codes of ISO 4217, funds and metals among them.
const currencies = "" +
	"AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCLFCLPCNYCOPCOUCRC" +
	"CUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHTGHUFIDRILSINRIQDIRRISKJMDJODJPYKESKGS" +
	"KHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDOMRPAB" +
	"PENPGKPHPPKRPLNPYGQARRONRSDRUBRWFSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAH" +
	"UGXUSDUSNUYIUYUUYWUZSVEDVESVNDVUVWSTXAFXAGXAUXBAXBBXBCXBDXCDXCGXDRXOFXPDXPFXPTXSUXTSXUAXXXYERZARZMWZWG"

// letters is a set of codes of as many upper-case letters, a bit for each that is possible.
type letters []uint64

var countries2, countries3, money = newLetters(alpha2, 2), newLetters(alpha3, 3), newLetters(currencies, 3)

// newLetters returns the codes of that size that stand in a row.
func newLetters(row string, size int) letters {
	room := 26 * 26
	if size == 3 {
		room *= 26
	}
	set := make(letters, room/64+1)
	for ; row != ""; row = row[size:] {
		n := place(row[:size])
		set[n/64] |= 1 << (n % 64)
	}
	return set
}

// place returns the number of a code, or -1 when it has other characters than upper-case letters.
func place(code string) int {
	n := 0
	for i := range len(code) {
		c := code[i]
		if c < 'A' || c > 'Z' {
			return -1
		}
		n = n*26 + int(c-'A')
	}
	return n
}

func (l letters) has(s string, size int) bool {
	if len(s) != size {
		return false
	}
	n := place(s)
	return n >= 0 && l[n/64]>>(n%64)&1 == 1
}

// CountryAlpha2 reports whether s is a country code of ISO 3166-1 in two upper-case letters.
func CountryAlpha2(s string) bool { return countries2.has(s, 2) }

// CountryAlpha3 reports whether s is a country code of ISO 3166-1 in three upper-case letters.
func CountryAlpha3(s string) bool { return countries3.has(s, 3) }

// Currency reports whether s is an active code of ISO 4217. XXX (no currency) and XTS (for tests) are codes too.
func Currency(s string) bool { return money.has(s, 3) }

// BCP47 reports whether s is a language tag of RFC 5646 whose subtags are all registered, 64 bytes at most. The parser
// takes two words for tags that only CLDR knows: root, and UK for GB.
func BCP47(s string) bool {
	primary, rest, _ := strings.Cut(s, "-")
	if len(s) > 64 || !ascii.All(s, "-") || strings.EqualFold(primary, "root") {
		return false
	}
	for subtag := range strings.SplitSeq(rest, "-") {
		if len(subtag) == 1 || len(primary) == 1 { // what follows has a meaning of its own
			break
		}
		if strings.EqualFold(subtag, "UK") {
			return false
		}
	}
	_, err := language.Parse(s)
	return err == nil
}

/** People's names by the language they come from, and how each is written in ASCII, as logins need it. */

export interface Name {
  readonly text: string
  /** Letters `a` to `z` only. */
  readonly ascii: string
}

export interface Culture {
  /** As `preferredLanguage` shows it: an RFC 5646 language tag. */
  readonly language: string
  readonly familyFirst: boolean
  readonly given: readonly [Name, ...Name[]]
  readonly family: readonly [Name, ...Name[]]
}

/** What decomposition does not take apart. */
const letters: ReadonlyMap<string, string> = new Map([
  ['ł', 'l'],
  ['ø', 'o'],
  ['ß', 'ss'],
  ['ı', 'i'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['æ', 'ae'],
])

/** `Ünal`, or with its romanisation where the script is not Latin: `田中|tanaka`. `_` stands for a space. */
export function nameOf(written: string): Name {
  const [text = '', romanised] = written.replaceAll('_', ' ').split('|')
  const plain = [...(romanised ?? text).toLowerCase()].map((letter) => letters.get(letter) ?? letter).join('')
  return { text, ascii: plain.normalize('NFD').replace(/[^a-z]/g, '') }
}

function names(list: string): [Name, ...Name[]] {
  const [first = '', ...others] = list.split(' ')
  return [nameOf(first), ...others.map(nameOf)]
}

const culture = (language: string, given: string, family: string, familyFirst = false): Culture => ({
  language,
  familyFirst,
  given: names(given),
  family: names(family),
})

export const cultures: readonly [Culture, ...Culture[]] = [
  culture(
    'en',
    'James Olivia Harry Amelia Grace Oliver Ruth Aidan Siobhán Conor Maeve Thomas Charlotte Dylan',
    "O'Brien Smith Walker Hughes Murphy O'Neill MacDonald Turner Lloyd-Jones Clarke Byrne Whitfield",
  ),
  culture(
    'de',
    'Jürgen Annegret Björn Käthe Lukas Sören Ulrike Matthias Jana Götz Heike Florian',
    'Müller Schröder Weiß Großmann Köhler Vogt Jäger Bauer Böhm Krüger Lindner von_Ahlefeldt',
  ),
  culture(
    'tr',
    'Selin Gökhan Zeynep Çağlar Şebnem Emre Ayşe Oğuz İpek Tuğba Barış Defne',
    'Ünal Yılmaz Öztürk Şahin Çelik Aydın Güneş Kılıç Doğan Işık Arslan Koç',
  ),
  culture(
    'pl',
    'Łukasz Małgorzata Grzegorz Zofia Paweł Bożena Jędrzej Kinga Michał Agnieszka Świętosław Ewa',
    'Nowak Wiśniewski Dąbrowska Kowalczyk Zieliński Wójcik Łuczak Jabłoński Śliwa Mazur Żak Górski',
  ),
  culture(
    'es',
    'José María Íñigo Lucía Andrés Begoña Martín Inés Raúl Concepción Álvaro Sofía',
    'Nuñez García Muñoz Peña Ibáñez López Domínguez Zúñiga Ortega Sáenz_de_Tejada Vega Castaño',
  ),
  culture(
    'fr',
    'Élodie François Anaïs Jean-Luc Chloé Gaëlle Théo Noémie Cédric Hélène Maël Aurélie',
    "Lefèvre D'Aubigné Dupont Gérard Béranger Moreau Château Garçon Noël Le_Goff Ferré Hébert",
  ),
  culture(
    'el',
    'Σωκράτης|sokratis Ελένη|eleni Γιώργος|giorgos Μαρία|maria Νίκος|nikos Αθηνά|athina Δημήτρης|dimitris',
    'Παπαδόπουλος|papadopoulos Οικονόμου|oikonomou Νικολάου|nikolaou Γεωργίου|georgiou Βασιλείου|vasileiou',
  ),
  culture(
    'ja',
    '花子|hanako 太郎|taro 美咲|misaki 健一|kenichi さくら|sakura 翔太|shota 陽子|yoko 直樹|naoki',
    '田中|tanaka 佐藤|sato 鈴木|suzuki 高橋|takahashi 渡辺|watanabe 山本|yamamoto 中村|nakamura 小林|kobayashi',
    true,
  ),
  culture(
    'zh',
    '伟|wei 芳|fang 秀英|xiuying 娜|na 强|qiang 丽|li 静|jing 军|jun',
    '王|wang 李|li 张|zhang 刘|liu 陈|chen 杨|yang 赵|zhao 黄|huang',
    true,
  ),
  culture(
    'ko',
    '민준|minjun 서연|seoyeon 지훈|jihoon 하은|haeun 도윤|doyun 수아|sua',
    '김|kim 이|lee 박|park 최|choi 정|jung 강|kang',
    true,
  ),
  culture('hu', 'László Ágnes Gergő Zsófia Ödön Réka', 'Nagy Szabó Kovács Tóth Őry Fűzfa', true),
  culture(
    'uk',
    'Олена|olena Тарас|taras Оксана|oksana Андрій|andrii Ярослава|yaroslava Богдан|bohdan',
    'Шевченко|shevchenko Коваленко|kovalenko Мельник|melnyk Бондаренко|bondarenko Ткачук|tkachuk Лисенко|lysenko',
  ),
  culture(
    'ar',
    'فاطمة|fatima محمد|mohammed ليلى|layla يوسف|yusuf مريم|maryam عمر|omar',
    'الهاشمي|alhashimi حداد|haddad منصور|mansour خوري|khoury سليمان|suleiman',
  ),
  culture(
    'he',
    'נועה|noa דוד|david תמר|tamar איתן|eitan מיכל|michal',
    'כהן|cohen לוי|levi מזרחי|mizrahi פרידמן|friedman',
  ),
  culture(
    'hi',
    'प्रिया|priya अर्जुन|arjun अनिता|anita रोहित|rohit कविता|kavita विक्रम|vikram',
    'शर्मा|sharma पटेल|patel गुप्ता|gupta सिंह|singh अय्यर|iyer',
  ),
  culture('vi', 'Nguyệt Đức Thảo Hùng Hương Quân', 'Nguyễn Trần Lê Phạm Đặng Võ', true),
  culture('cs', 'Jiří Tereza Ondřej Zdeňka Matěj Eliška', 'Dvořák Černý Procházková Řezníček Štěpánek Žižka'),
  culture('da', 'Søren Astrid Mads Freja Jens Birgitte', 'Jensen Sørensen Kjær Østergaard Lund Møller'),
  culture('is', 'Þór Guðrún Ragnar Sigríður', 'Þorvaldsson Jónsdóttir Sigurðsson Ægisdóttir'),
  culture(
    'pt',
    'João Conceição Tiago Inês Mônica Luís',
    'Gonçalves Araújo Magalhães Simões Conceição Leitão',
  ),
  culture('sv', 'Åsa Göran Märta Björn Linnéa Östen', 'Åkesson Lindström Ström Öberg Hägg Sjögren'),
  culture('yo', 'Adébáyò Fúnmiláyọ̀ Olúwaséun Títílayọ̀', 'Adéyẹmí Ọláwálé Okonkwo Balógun'),
]

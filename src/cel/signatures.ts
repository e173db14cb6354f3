/**
 * Signatures of functions: `name(args): result`, members as `.name(self, args)`, with `#id` where the
 * cost depends on the form; `A` and `B` are any type. Forms of one function stand in one line.
 */

/**
 * What cel-go has by itself, with its optionals, texts and sets.
 * @see google/cel-go v0.26.0 common/stdlib, cel/library.go, ext
 */
export const STANDARD: string = `
_?_:_(bool,A,A):A#conditional
_&&_(bool,bool):bool#logical
_||_(bool,bool):bool#logical
!_(bool):bool
@not_strictly_false(bool):bool
_==_(A,A):bool#equals
_!=_(A,A):bool#equals
_+_(bytes,bytes):bytes#add_text|_+_(double,double):double|_+_(duration,duration):duration|_+_(duration,timestamp):timestamp|_+_(timestamp,duration):timestamp|_+_(int,int):int|_+_(list(A),list(A)):list(A)#add_list|_+_(string,string):string#add_text|_+_(uint,uint):uint
_-_(double,double):double|_-_(duration,duration):duration|_-_(int,int):int|_-_(timestamp,duration):timestamp|_-_(timestamp,timestamp):duration|_-_(uint,uint):uint
_*_(double,double):double|_*_(int,int):int|_*_(uint,uint):uint
_/_(double,double):double|_/_(int,int):int|_/_(uint,uint):uint
_%_(int,int):int|_%_(uint,uint):uint
-_(double):double|-_(int):int
_[_](list(A),int):A#index_list|_[_](map(A,B),A):B#index_map|_[_](opt(list(A)),int):opt(A)|_[_](opt(map(A,B)),A):opt(B)
_[?_](list(A),int):opt(A)|_[?_](opt(list(A)),int):opt(A)|_[?_](map(A,B),A):opt(B)|_[?_](opt(map(A,B)),A):opt(B)
@in(A,list(A)):bool#in_list|@in(A,map(A,B)):bool
size(bytes):int|size(list(A)):int|size(map(A,B)):int|size(string):int|.size(bytes):int|.size(list(A)):int|.size(map(A,B)):int|.size(string):int
type(A):type(A)
dyn(A):dyn
bool(bool):bool|bool(string):bool
bytes(bytes):bytes|bytes(string):bytes#string_to_bytes
double(double):double|double(int):double|double(string):double|double(uint):double
duration(duration):duration|duration(int):duration|duration(string):duration
int(int):int|int(double):int|int(duration):int|int(string):int|int(timestamp):int|int(uint):int
string(string):string|string(bool):string|string(bytes):string#bytes_to_string|string(double):string|string(duration):string|string(int):string|string(timestamp):string|string(uint):string
timestamp(timestamp):timestamp|timestamp(int):timestamp|timestamp(string):timestamp
uint(uint):uint|uint(double):uint|uint(int):uint|uint(string):uint
.contains(string,string):bool#contains
.endsWith(string,string):bool#starts
.startsWith(string,string):bool#starts
matches(string,string):bool#matches|.matches(string,string):bool#matches
.charAt(string,int):string
.indexOf(string,string):int|.indexOf(string,string,int):int
.lastIndexOf(string,string):int|.lastIndexOf(string,string,int):int
.lowerAscii(string):string
.upperAscii(string):string
.trim(string):string
.replace(string,string,string):string|.replace(string,string,string,int):string
.split(string,string):list(string)|.split(string,string,int):list(string)
.substring(string,int):string|.substring(string,int,int):string
.format(string,list(dyn)):string#format
.join(list(string)):string|.join(list(string),string):string
strings.quote(string):string#quote
sets.contains(list(A),list(A)):bool
sets.equivalent(list(A),list(A)):bool
sets.intersects(list(A),list(A)):bool
.first(list(A)):opt(A)
.last(list(A)):opt(A)
optional.of(A):opt(A)
optional.ofNonZeroValue(A):opt(A)
optional.none():opt(A)
.hasValue(opt(A)):bool
.value(opt(A)):A
.or(opt(A),opt(A)):opt(A)
.orValue(opt(A),A):A
optional.unwrap(list(opt(A))):list(A)
.unwrapOpt(list(opt(A))):list(A)
`

/**
 * What Kubernetes adds: lists, loops of two variables, and its own kinds of values.
 * @see google/cel-go v0.26.0 ext; k8s.io/apiserver pkg/cel/library (v0.36.3)
 */
export const KUBERNETES: string = `
.indexOf(list(A),A):int
.lastIndexOf(list(A),A):int
string(IP):string|string(CIDR):string
cel.@mapInsert(map(A,B),map(A,B)):map(A,B)|cel.@mapInsert(map(A,B),A,B):map(A,B)
.sum(list(int)):int|.sum(list(uint)):uint|.sum(list(double)):double|.sum(list(duration)):duration
.slice(list(A),int,int):list(A)
.flatten(list(list(A))):list(A)|.flatten(list(dyn),int):list(dyn)
lists.range(int):list(int)
.distinct(list(A)):list(A)
.reverse(list(A)):list(A)
.find(string,string):string
.findAll(string,string):list(string)|.findAll(string,string,int):list(string)
url(string):URL
isURL(string):bool
.getScheme(URL):string
.getHost(URL):string
.getHostname(URL):string
.getPort(URL):string
.getEscapedPath(URL):string
.getQuery(URL):map(string,list(string))
quantity(string):Quantity
isQuantity(string):bool
sign(Quantity):int
.isInteger(Quantity):bool
.asInteger(Quantity):int
.asApproximateFloat(Quantity):double
.add(Quantity,Quantity):Quantity|.add(Quantity,int):Quantity
.sub(Quantity,Quantity):Quantity|.sub(Quantity,int):Quantity
.isGreaterThan(Quantity,Quantity):bool|.isGreaterThan(Semver,Semver):bool
.isLessThan(Quantity,Quantity):bool|.isLessThan(Semver,Semver):bool
.compareTo(Quantity,Quantity):int|.compareTo(Semver,Semver):int
semver(string):Semver|semver(string,bool):Semver
isSemver(string):bool|isSemver(string,bool):bool
.major(Semver):int
.minor(Semver):int
.patch(Semver):int
ip(string):IP|.ip(CIDR):IP#cidr_ip
ip.isCanonical(string):bool
isIP(string):bool
.family(IP):int
.isUnspecified(IP):bool
.isLoopback(IP):bool
.isLinkLocalMulticast(IP):bool
.isLinkLocalUnicast(IP):bool
.isGlobalUnicast(IP):bool
cidr(string):CIDR
isCIDR(string):bool
.containsIP(CIDR,string):bool#contains_text|.containsIP(CIDR,IP):bool
.containsCIDR(CIDR,string):bool#contains_text|.containsCIDR(CIDR,CIDR):bool
.masked(CIDR):CIDR
.prefixLength(CIDR):int
format.named(string):opt(Format)
.validate(Format,string):opt(list(string))
.path(Authorizer,string):PathCheck
.group(Authorizer,string):GroupCheck
.serviceAccount(Authorizer,string,string):Authorizer
.resource(GroupCheck,string):ResourceCheck
.subresource(ResourceCheck,string):ResourceCheck
.namespace(ResourceCheck,string):ResourceCheck
.name(ResourceCheck,string):ResourceCheck
.fieldSelector(ResourceCheck,string):ResourceCheck
.labelSelector(ResourceCheck,string):ResourceCheck
.check(PathCheck,string):Decision|.check(ResourceCheck,string):Decision
.errored(Decision):bool
.error(Decision):string
.allowed(Decision):bool
.reason(Decision):string
jsonpatch.escapeKey(string):string
`

/** What Flux adds. @see google/cel-go v0.26.1 ext/encoders.go, ext/strings.go */
export const FLUX: string = `
.reverse(string):string
base64.decode(string):bytes
base64.encode(bytes):string
`

const ORDERED = 'int uint double bool duration timestamp string bytes'.split(' ')
const NUMBERS = ['int', 'uint', 'double']
const FORMATS =
  'dns1123Label dns1123Subdomain dns1035Label qualifiedName dns1123LabelPrefix dns1123SubdomainPrefix dns1035LabelPrefix labelValue uri uuid byte date datetime'.split(
    ' ',
  )
const WHEN =
  'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds'.split(
    ' ',
  )

/** Comparisons, and the parts of moments. */
export function standardForms(): string[] {
  const compared = ['_<_', '_<=_', '_>_', '_>=_'].flatMap((name) => [
    ...ORDERED.map((type) => {
      const id = type === 'string' || type === 'bytes' ? '#equals' : ''
      return `${name}(${type},${type}):bool${id}`
    }),
    ...NUMBERS.flatMap((a) => NUMBERS.filter((b) => a !== b).map((b) => `${name}(${a},${b}):bool`)),
  ])
  const times = WHEN.flatMap((name) => [
    `.${name}(timestamp):int`,
    `.${name}(timestamp,string):int`,
    ...(/Hours|Minutes|seconds|Seconds/.test(name) ? [`.${name}(duration):int`] : []),
  ])
  return [...compared, ...times]
}

/** What lists of what has an order can do, and names of formats. */
export function kubernetesForms(): string[] {
  const lists = ORDERED.flatMap((type) => [
    `.isSorted(list(${type})):bool`,
    `.max(list(${type})):${type}`,
    `.min(list(${type})):${type}`,
    `.sort(list(${type})):list(${type})`,
    `.@sortByAssociatedKeys(list(A),list(${type})):list(A)`,
  ])
  return [...lists, ...FORMATS.map((name) => `format.${name}():Format`)]
}

#include "gateway/server/openapi.h"

namespace gateway::server {

namespace {

// What several routes share: what they are given and what they answer.
constexpr std::string_view kComponents = R"json({
"securitySchemes":{
 "bearer":{"type":"http","scheme":"bearer"},
 "session":{"type":"apiKey","in":"cookie","name":"weir_session",
  "description":"From POST /api/v1/session; over https its name is __Host-weir_session."},
 "ticket":{"type":"apiKey","in":"query","name":"ticket",
  "description":"From POST /api/v1/ticket, once; for /v1/ws and /v1/stream."}},
"parameters":{
 "q":{"name":"q","in":"query","description":"The whole query as JSON.",
  "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Query"}}}},
 "metric":{"name":"metric","in":"query","schema":{"type":"string","maxLength":255},
  "description":"A name or a glob: * within a segment, ** any run, ? one character."},
 "where":{"name":"where","in":"query","content":{"application/json":{
  "schema":{"$ref":"#/components/schemas/Where"}}}},
 "by":{"name":"by","in":"query","style":"form","explode":false,
  "schema":{"type":"array","items":{"type":"string"}}},
 "without":{"name":"without","in":"query","style":"form","explode":false,
  "schema":{"type":"array","items":{"type":"string"}}},
 "stats":{"name":"stats","in":"query","style":"form","explode":false,
  "schema":{"type":"array","items":{"type":"string"}}},
 "window":{"name":"window","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
 "slide":{"name":"slide","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
 "err":{"name":"err","in":"query","schema":{"type":"boolean"}},
 "derive":{"name":"derive","in":"query","content":{"application/json":{
  "schema":{"type":"object","additionalProperties":{"type":"string"}}}}},
 "order":{"name":"order","in":"query","schema":{"type":"string"},"example":"p99:desc"},
 "rows":{"name":"limit","in":"query","schema":{"type":"integer","minimum":1}},
 "limit":{"name":"limit","in":"query","description":"Items of a page.",
  "schema":{"type":"integer","minimum":1,"maximum":1000,"default":200}},
 "after":{"name":"after","in":"query","schema":{"type":"string"},
  "description":"`next` of the page before."},
 "cursor":{"name":"cursor","in":"query","schema":{"type":"string"},
  "description":"`next` of the page before, of the same question."},
 "start":{"name":"start","in":"query","schema":{"$ref":"#/components/schemas/Time"}},
 "end":{"name":"end","in":"query","schema":{"$ref":"#/components/schemas/Time"}},
 "batch":{"name":"Weir-Batch-Id","in":"header","schema":{"type":"string"},
  "description":"A retry with the same id counts once, for ten minutes."},
 "board":{"name":"id","in":"path","required":true,
  "schema":{"type":"string","pattern":"^[a-z0-9-]{1,64}$"}},
 "if_match":{"name":"If-Match","in":"header","schema":{"type":"string"},
  "description":"The ETag of what is changed. 428 where it is needed and not there."},
 "precision":{"name":"precision","in":"query","schema":{"enum":["ns","us","ms","s"]}}},
"responses":{
 "Fault":{"description":"Refused, with the reason.",
  "headers":{"Retry-After":{"schema":{"type":"integer"},"description":"Seconds."}},
  "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Fault"}}}},
 "Taken":{"description":"Every line counts."},
 "Partly":{"description":"Some lines were not read; the others count.","content":{
  "application/json":{"schema":{"type":"object"}}}},
 "Text":{"description":"A line or more.","content":{"text/plain":{"schema":{"type":"string"}}}},
 "Page":{"description":"A file.","content":{"text/html":{"schema":{"type":"string"}}}}},
"schemas":{
 "Time":{"type":"integer","minimum":0,"description":"ms since 1970"},
 "Duration":{"oneOf":[{"type":"integer","minimum":1,"description":"ms"},
  {"type":"string","pattern":"^[0-9]+(ms|s|m|min|h|d)?$"}]},
 "Kind":{"enum":["counter","gauge","timer","set"]},
 "Next":{"type":["string","null"],"description":"Where the next page begins; null: there is none."},
 "Tags":{"type":"object","additionalProperties":{"type":"string"}},
 "Matcher":{"type":"array","minItems":2,"maxItems":3,"prefixItems":[{"type":"string"},
  {"enum":["=","!=","=~","!~","in","nin","exists"]},
  {"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}]},
 "Where":{"type":"array","items":{"$ref":"#/components/schemas/Matcher"}},
 "Query":{"type":"object","required":["metric"],"properties":{
  "metric":{"type":"string","minLength":1,"maxLength":255},
  "where":{"$ref":"#/components/schemas/Where"},
  "by":{"type":"array","items":{"type":"string"}},
  "without":{"type":"array","items":{"type":"string"}},
  "window":{"$ref":"#/components/schemas/Duration"},
  "slide":{"$ref":"#/components/schemas/Duration"},
  "stats":{"type":"array","items":{"type":"string"}},
  "err":{"type":"boolean"},
  "derive":{"type":"object","additionalProperties":{"type":"string"}},
  "order":{"type":"string"},"limit":{"type":"integer","minimum":1}}},
 "Keys":{"type":"array","items":{"type":"array","items":{"type":"string"}}},
 "Cell":{"oneOf":[{"type":["number","null"]},{"type":"array"}]},
 "Snap":{"type":"object","required":["t","w","n","fields","by","k","c","next"],
  "unevaluatedProperties":false,"properties":{
  "t":{"const":"snap"},
  "w":{"type":"array","items":{"$ref":"#/components/schemas/Time"},"minItems":2,"maxItems":2},
  "n":{"type":"integer","minimum":0},
  "fields":{"type":"array","items":{"type":"string"}},
  "by":{"type":"array","items":{"type":"string"}},
  "k":{"$ref":"#/components/schemas/Keys"},
  "c":{"type":"array","description":"[field][row]","items":{"type":"array",
   "items":{"$ref":"#/components/schemas/Cell"}}},
  "m":{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"}}},
  "hole":{"const":true,"description":"something of the window is lost: all of it is null"},
  "next":{"$ref":"#/components/schemas/Next"}}},
 "Range":{"type":"object","required":["t","fields","by","window","step","k","ts","c","next"],
  "unevaluatedProperties":false,"properties":{
  "t":{"const":"range"},
  "fields":{"type":"array","items":{"type":"string"}},
  "by":{"type":"array","items":{"type":"string"}},
  "window":{"type":"integer"},"step":{"type":"integer"},
  "k":{"$ref":"#/components/schemas/Keys"},
  "ts":{"type":"array","items":{"$ref":"#/components/schemas/Time"}},
  "c":{"type":"array","description":"[field][row][time]","items":{"type":"array","items":{
   "type":"array","items":{"$ref":"#/components/schemas/Cell"}}}},
  "m":{"type":"object"},
  "holes":{"type":"array","description":"[first,last] places in ts of which something is lost",
   "items":{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":2}},
  "next":{"$ref":"#/components/schemas/Next"}}},
 "Metrics":{"type":"object","required":["items","next"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["name","kind","series","last_seen"],"properties":{
   "name":{"type":"string"},"kind":{"$ref":"#/components/schemas/Kind"},
   "series":{"type":"integer","minimum":1},"last_seen":{"$ref":"#/components/schemas/Time"}}}},
  "next":{"$ref":"#/components/schemas/Next"}}},
 "TagKeys":{"type":"object","required":["items","next"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["key","values"],"properties":{"key":{"type":"string"},"values":{"type":"array",
    "items":{"type":"object","unevaluatedProperties":false,"required":["value","series"],
     "properties":{"value":{"type":"string"},"series":{"type":"integer","minimum":1}}}}}}},
  "next":{"type":"null"}}},
 "Series":{"type":"object","required":["items","next"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["name","kind","tags","last_seen"],"properties":{
   "name":{"type":"string"},"kind":{"$ref":"#/components/schemas/Kind"},
   "tags":{"$ref":"#/components/schemas/Tags"},
   "last_seen":{"$ref":"#/components/schemas/Time"}}}},
  "next":{"$ref":"#/components/schemas/Next"}}},
 "Events":{"type":"object","required":["epoch","newest","items","next"],
  "unevaluatedProperties":false,"properties":{
  "epoch":{"type":"string"},"newest":{"type":"integer","minimum":0},
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["id","kind","time","level","title","text","host","tags"],"properties":{
   "id":{"type":"integer","minimum":1},"kind":{"enum":["event","check"]},
   "time":{"$ref":"#/components/schemas/Time"},
   "level":{"enum":["info","success","warning","error"]},
   "title":{"type":"string"},"text":{"type":"string"},"host":{"type":"string"},
   "priority":{"enum":["normal","low"]},"aggregation_key":{"type":"string"},
   "source_type":{"type":"string"},"status":{"enum":["ok","warning","critical","unknown"]},
   "tags":{"$ref":"#/components/schemas/Tags"},"cut":{"const":true}}}},
  "next":{"$ref":"#/components/schemas/Next"}}},
 "EventWish":{"type":"object","required":["title"],"additionalProperties":false,"properties":{
  "title":{"type":"string","minLength":1},"text":{"type":"string"},
  "time":{"$ref":"#/components/schemas/Time"},
  "level":{"enum":["info","success","warning","error"],"default":"info"},
  "host":{"type":"string"},"tags":{"$ref":"#/components/schemas/Tags"}}},
 "EventTaken":{"type":"object","required":["time","level","title"],"unevaluatedProperties":false,
  "properties":{"time":{"$ref":"#/components/schemas/Time"},
  "level":{"enum":["info","success","warning","error"]},"title":{"type":"string"},
  "cut":{"const":true}}},
 "Checks":{"type":"object","required":["items","total","next"],"unevaluatedProperties":false,
  "properties":{"items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["name","host","status","time","message","tags"],"properties":{
   "name":{"type":"string"},"host":{"type":"string"},
   "status":{"enum":["ok","warning","critical","unknown"]},
   "time":{"$ref":"#/components/schemas/Time"},"message":{"type":"string"},
   "tags":{"$ref":"#/components/schemas/Tags"},"cut":{"const":true}}}},
  "total":{"type":"integer","minimum":0},"next":{"$ref":"#/components/schemas/Next"}}},
 "Explained":{"type":"object","required":["inside","outside","start","end","items"],
  "unevaluatedProperties":false,"properties":{
  "inside":{"type":"number","minimum":0,"description":"Samples in the box."},
  "outside":{"type":"number","minimum":0},
  "start":{"$ref":"#/components/schemas/Time"},"end":{"$ref":"#/components/schemas/Time"},
  "items":{"type":"array","maxItems":50,"items":{"type":"object","unevaluatedProperties":false,
   "required":["key","value","inside","outside","lift"],"properties":{"key":{"type":"string"},
   "value":{"type":"string"},"inside":{"type":"number","description":"Share of those inside."},
   "outside":{"type":"number"},"lift":{"type":"number"}}}},
  "left_out":{"const":true,"description":"There are more tags than are counted."}}},
 "Unusual":{"type":"object","required":["items","at"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","maxItems":100,"items":{"type":"object","unevaluatedProperties":false,
   "required":["metric","kind","tags","stat","value","baseline","ratio","z","since","state"],
   "properties":{"metric":{"type":"string"},"kind":{"$ref":"#/components/schemas/Kind"},
   "tags":{"$ref":"#/components/schemas/Tags"},"stat":{"enum":["rate","last","p99","distinct"]},
   "value":{"type":["number","null"]},"baseline":{"type":"number"},
   "ratio":{"type":["number","null"]},"z":{"type":["number","null"]},
   "since":{"type":["integer","null"]},"state":{"enum":["high","low","silent"]}}}},
  "at":{"$ref":"#/components/schemas/Time"}}},
 "Thresholds":{"type":"object","required":["items"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["metric","stat","above"],"properties":{"metric":{"type":"string"},
   "stat":{"type":"string"},"warn":{"type":"number"},"crit":{"type":"number"},
   "above":{"type":"boolean"}}}}}},
 "Boards":{"type":"object","required":["items","next"],"unevaluatedProperties":false,"properties":{
  "items":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["id","title","changed"],"properties":{"id":{"type":"string"},
   "title":{"type":"string"},"changed":{"$ref":"#/components/schemas/Time"}}}},
  "next":{"type":"null"}}},
 "Board":{"type":"object","required":["title","cards"],"properties":{
  "title":{"type":"string","maxLength":200},
  "cards":{"type":"array","maxItems":200,"items":{"type":"object",
   "required":["x","y","w","h","metric","stat","kind"],"properties":{
   "x":{"type":"integer","minimum":0},"y":{"type":"integer","minimum":0},
   "w":{"type":"integer","minimum":1,"maximum":12},"h":{"type":"integer","minimum":1},
   "title":{"type":["string","null"]},"metric":{"type":"string"},
   "by":{"type":["array","null"],"items":{"type":"string"}},
   "where":{"oneOf":[{"$ref":"#/components/schemas/Where"},{"type":"null"}]},
   "stat":{"type":"string"},"kind":{"enum":["line","heatmap","bars","number"]},
   "threshold":{"type":["object","null"],"properties":{"warn":{"type":["number","null"]},
    "crit":{"type":["number","null"]},"above":{"type":["boolean","null"]}}}}}}}},
 "Status":{"type":"object","required":["version","epoch","now","started","listeners"],
  "unevaluatedProperties":false,"properties":{
  "version":{"type":"string"},"epoch":{"type":"string"},
  "now":{"$ref":"#/components/schemas/Time"},"started":{"$ref":"#/components/schemas/Time"},
  "listeners":{"type":"array","items":{"type":"object","unevaluatedProperties":false,
   "required":["what","address"],"properties":{"what":{"type":"string"},
    "address":{"type":"string"}}}},
  "connections":{"type":"integer","minimum":0,"description":"For who sees everything."},
  "series":{"type":"integer","minimum":0},
  "ingest":{"type":"object","required":["feeds","series"],"properties":{
   "feeds":{"type":"array","items":{"type":"object","required":["name","samples"]}},
   "series":{"type":"object"},"hub":{"type":"object"},"offenders":{"type":"object"},
   "host":{"type":"object"}}}}},
 "Session":{"type":"object","required":["required","name","role","until"],
  "unevaluatedProperties":false,"properties":{"required":{"type":"boolean"},
  "name":{"type":["string","null"]},"role":{"enum":["reader","writer","admin",null]},
  "until":{"type":["integer","null"]}}},
 "Ticket":{"type":"object","required":["ticket","until"],"unevaluatedProperties":false,
  "properties":{"ticket":{"type":"string"},"until":{"$ref":"#/components/schemas/Time"}}},
 "Fault":{"type":"object","required":["error"],"unevaluatedProperties":false,"properties":{
  "error":{"type":"object","required":["code","n","msg","retry"],"unevaluatedProperties":false,
   "properties":{"code":{"type":"string","pattern":"^[a-z_]+\\.[a-z_]+$"},
   "n":{"type":"integer"},"msg":{"type":"string"},"retry":{"type":"boolean"}}}}}}
})json";

}  // namespace

std::string_view openapi_components() {
  return kComponents;
}

}  // namespace gateway::server

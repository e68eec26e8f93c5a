#include "gateway/server/openapi.h"

namespace gateway::server {

namespace {

// In the order of the table of routes.
constexpr std::string_view kPaths = R"json({
"/api/v1/metrics":{"get":{"summary":"Which metrics there are","tags":["discovery"],
 "parameters":[{"name":"match","in":"query","schema":{"type":"string","maxLength":255},
   "description":"A glob."},{"$ref":"#/components/parameters/limit"},
  {"$ref":"#/components/parameters/after"}],
 "responses":{"200":{"description":"By name, then kind.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Metrics"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/tags":{"get":{"summary":"Which tags metrics have","tags":["discovery"],
 "parameters":[{"name":"metric","in":"query","required":true,"schema":{"type":"string",
   "maxLength":255}}],
 "responses":{"200":{"description":"The 100 values of each with the most series.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/TagKeys"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/series":{"get":{"summary":"Single series that live","tags":["discovery"],
 "parameters":[{"$ref":"#/components/parameters/metric"},{"$ref":"#/components/parameters/where"},
  {"$ref":"#/components/parameters/limit"},{"$ref":"#/components/parameters/after"}],
 "responses":{"200":{"description":"By name, kind and tags.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Series"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/query":{
 "get":{"summary":"One window of a query","tags":["query"],
 "parameters":[{"$ref":"#/components/parameters/q"},{"$ref":"#/components/parameters/metric"},
  {"$ref":"#/components/parameters/where"},{"$ref":"#/components/parameters/by"},
  {"$ref":"#/components/parameters/without"},{"$ref":"#/components/parameters/window"},
  {"$ref":"#/components/parameters/slide"},{"$ref":"#/components/parameters/stats"},
  {"$ref":"#/components/parameters/err"},{"$ref":"#/components/parameters/derive"},
  {"$ref":"#/components/parameters/order"},{"$ref":"#/components/parameters/rows"},
  {"name":"time","in":"query","schema":{"$ref":"#/components/schemas/Time"}},
  {"$ref":"#/components/parameters/cursor"}],
 "responses":{"200":{"description":"The window.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Snap"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "post":{"summary":"The same, the query in the body","tags":["query"],
 "parameters":[{"name":"time","in":"query","schema":{"$ref":"#/components/schemas/Time"}},
  {"$ref":"#/components/parameters/cursor"}],
 "requestBody":{"required":true,"content":{"application/json":{
  "schema":{"$ref":"#/components/schemas/Query"}}}},
 "responses":{"200":{"description":"The window.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Snap"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/query_range":{
 "get":{"summary":"Past windows of a query","tags":["query"],
 "parameters":[{"$ref":"#/components/parameters/q"},{"$ref":"#/components/parameters/metric"},
  {"$ref":"#/components/parameters/where"},{"$ref":"#/components/parameters/by"},
  {"$ref":"#/components/parameters/without"},{"$ref":"#/components/parameters/window"},
  {"$ref":"#/components/parameters/slide"},{"$ref":"#/components/parameters/stats"},
  {"$ref":"#/components/parameters/err"},{"$ref":"#/components/parameters/derive"},
  {"$ref":"#/components/parameters/order"},{"$ref":"#/components/parameters/rows"},
  {"name":"start","in":"query","required":true,"schema":{"$ref":"#/components/schemas/Time"}},
  {"$ref":"#/components/parameters/end"},
  {"name":"step","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
  {"$ref":"#/components/parameters/cursor"}],
 "responses":{"200":{"description":"A page of them.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Range"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "post":{"summary":"The same, the query in the body","tags":["query"],
 "parameters":[
  {"name":"start","in":"query","required":true,"schema":{"$ref":"#/components/schemas/Time"}},
  {"$ref":"#/components/parameters/end"},
  {"name":"step","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
  {"$ref":"#/components/parameters/cursor"}],
 "requestBody":{"required":true,"content":{"application/json":{
  "schema":{"$ref":"#/components/schemas/Query"}}}},
 "responses":{"200":{"description":"A page of them.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Range"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/events":{
 "get":{"summary":"Events, and checks whose status changed","tags":["events"],
 "parameters":[{"$ref":"#/components/parameters/start"},{"$ref":"#/components/parameters/end"},
  {"$ref":"#/components/parameters/limit"},{"$ref":"#/components/parameters/after"},
  {"name":"since","in":"query","schema":{"type":"integer","minimum":0},
   "description":"`newest` of an answer before."}],
 "responses":{"200":{"description":"The newest first.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Events"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "post":{"summary":"Say an event","tags":["events"],
 "requestBody":{"required":true,"content":{"application/json":{
  "schema":{"$ref":"#/components/schemas/EventWish"}}}},
 "responses":{"201":{"description":"It stands in the list after the next tick.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/EventTaken"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/checks":{"get":{"summary":"The last word of each service check","tags":["events"],
 "parameters":[{"$ref":"#/components/parameters/limit"},{"$ref":"#/components/parameters/after"}],
 "responses":{"200":{"description":"The worst first.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Checks"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/explain":{"get":{"summary":"What tells a box of a heatmap from the rest",
 "tags":["query"],
 "parameters":[{"name":"metric","in":"query","required":true,"schema":{"type":"string"},
   "description":"A timer."},{"$ref":"#/components/parameters/where"},
  {"name":"start","in":"query","required":true,"schema":{"$ref":"#/components/schemas/Time"}},
  {"$ref":"#/components/parameters/end"},
  {"name":"low","in":"query","schema":{"type":"number"}},
  {"name":"high","in":"query","schema":{"type":"number"}}],
 "responses":{"200":{"description":"The tag that explains it best first.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/Explained"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/unusual":{"get":{"summary":"Series that are not as they were","tags":["query"],
 "parameters":[{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":100,
   "default":20}}],
 "responses":{"200":{"description":"The most unusual first.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Unusual"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/thresholds":{"get":{"summary":"Which values the overview marks","tags":["query"],
 "responses":{"200":{"description":"As configured.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Thresholds"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/boards":{"get":{"summary":"Saved dashboards","tags":["boards"],
 "responses":{"200":{"description":"By id.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Boards"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/boards/{id}":{
 "get":{"summary":"One of them","tags":["boards"],
 "parameters":[{"$ref":"#/components/parameters/board"}],
 "responses":{"200":{"description":"The document as it was saved.","headers":{"ETag":{"schema":{
   "type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Board"}}}},
  "304":{"description":"If-None-Match names its ETag."},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "put":{"summary":"Save it","tags":["boards"],
 "parameters":[{"$ref":"#/components/parameters/board"},
  {"$ref":"#/components/parameters/if_match"},
  {"name":"If-None-Match","in":"header","schema":{"const":"*"},
   "description":"For a board that is not there yet."}],
 "requestBody":{"required":true,"content":{"application/json":{
  "schema":{"$ref":"#/components/schemas/Board"}}}},
 "responses":{"201":{"description":"There is one more.","headers":{"ETag":{"schema":{
   "type":"string"}}}},
  "204":{"description":"Saved.","headers":{"ETag":{"schema":{"type":"string"}}}},
  "412":{"description":"Somebody has changed it meanwhile.","headers":{"ETag":{"schema":{
   "type":"string"}}},"content":{"application/json":{
    "schema":{"$ref":"#/components/schemas/Fault"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "delete":{"summary":"Remove it","tags":["boards"],
 "parameters":[{"$ref":"#/components/parameters/board"},
  {"$ref":"#/components/parameters/if_match"}],
 "responses":{"204":{"description":"It is gone."},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/status":{"get":{"summary":"What an operator asks first","tags":["operation"],
 "responses":{"200":{"description":"Numbers for who sees everything.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/Status"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/rejected":{"get":{"summary":"The last lines that could not be read","tags":["operation"],
 "parameters":[{"name":"feed","in":"query","schema":{"type":"string"},
   "description":"Of this one alone, such as udp/statsd."}],
 "responses":{"200":{"description":"The newest first, for who sees everything.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/Rejected"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/demo":{
 "post":{"summary":"Make up data for half an hour","tags":["operation"],
 "responses":{"200":{"$ref":"#/components/responses/Demo"},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "delete":{"summary":"Make up no more","tags":["operation"],
 "responses":{"200":{"$ref":"#/components/responses/Demo"},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/openapi.json":{"get":{"summary":"This document","tags":["operation"],"security":[{}],
 "responses":{"200":{"description":"OpenAPI 3.1","content":{"application/json":{
   "schema":{"type":"object","required":["openapi","paths"]}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/session":{
 "post":{"summary":"Trade a token for a cookie","tags":["access"],"security":[{}],
 "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object",
  "required":["token"],"properties":{"token":{"type":"string"}}}}}},
 "responses":{"204":{"description":"Signed in.","headers":{"Set-Cookie":{"schema":{
   "type":"string"}}}},"default":{"$ref":"#/components/responses/Fault"}}},
 "get":{"summary":"Whether a token is needed, and whose was shown","tags":["access"],
 "responses":{"200":{"description":"Who asks.","content":{"application/json":{
   "schema":{"$ref":"#/components/schemas/Session"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}},
 "delete":{"summary":"Sign out","tags":["access"],"security":[{}],
 "responses":{"204":{"description":"Signed out."},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/api/v1/ticket":{"post":{"summary":"A ticket that counts once, within 30 s","tags":["access"],
 "responses":{"200":{"description":"For ?ticket= of /v1/ws and /v1/stream.","content":{
   "application/json":{"schema":{"$ref":"#/components/schemas/Ticket"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/metrics":{"get":{"summary":"Weir's own metrics for Prometheus","tags":["operation"],
 "responses":{"200":{"$ref":"#/components/responses/Text"},
  "default":{"$ref":"#/components/responses/Page"}}}},
"/healthz":{"get":{"summary":"Whether it lives","tags":["operation"],"security":[{}],
 "responses":{"200":{"$ref":"#/components/responses/Text"}}}},
"/readyz":{"get":{"summary":"Whether it serves","tags":["operation"],"security":[{}],
 "responses":{"200":{"$ref":"#/components/responses/Text"},
  "503":{"$ref":"#/components/responses/Text"}}}},
"/pages/{file}":{"get":{"summary":"Files of --pages","tags":["pages"],"security":[{}],
 "parameters":[{"name":"file","in":"path","required":true,"schema":{"type":"string"}}],
 "responses":{"200":{"$ref":"#/components/responses/Page"},
  "default":{"$ref":"#/components/responses/Page"}}}},
"/api/v1/write":{"post":{"summary":"Send lines","tags":["write"],
 "parameters":[{"name":"format","in":"query","schema":{
   "enum":["statsd","influx","graphite","json"],"default":"statsd"}},
  {"$ref":"#/components/parameters/precision"},
  {"name":"ack","in":"query","schema":{"enum":["durable"]},
   "description":"Answer when the lines are on disk."},
  {"$ref":"#/components/parameters/batch"}],
 "requestBody":{"required":true,"content":{"text/plain":{"schema":{"type":"string"}},
  "application/json":{"schema":{}}}},
 "responses":{"204":{"$ref":"#/components/responses/Taken"},
  "400":{"$ref":"#/components/responses/Partly"},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/write":{"post":{"summary":"Influx 1: send lines","tags":["influx"],
 "parameters":[{"$ref":"#/components/parameters/precision"}],
 "requestBody":{"content":{"text/plain":{"schema":{"type":"string"}}}},
 "responses":{"204":{"$ref":"#/components/responses/Taken"},
  "default":{"$ref":"#/components/responses/Partly"}}}},
"/api/v2/write":{"post":{"summary":"Influx 2: send lines","tags":["influx"],
 "parameters":[{"$ref":"#/components/parameters/precision"}],
 "requestBody":{"content":{"text/plain":{"schema":{"type":"string"}}}},
 "responses":{"204":{"$ref":"#/components/responses/Taken"},
  "default":{"$ref":"#/components/responses/Partly"}}}},
"/query":{
 "get":{"summary":"Influx 1: CREATE DATABASE, SHOW DATABASES","tags":["influx"],
 "parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],
 "responses":{"200":{"$ref":"#/components/responses/Partly"},
  "default":{"$ref":"#/components/responses/Partly"}}},
 "post":{"summary":"The same","tags":["influx"],
 "responses":{"200":{"$ref":"#/components/responses/Partly"},
  "default":{"$ref":"#/components/responses/Partly"}}}},
"/ping":{"get":{"summary":"Influx: whether it is there","tags":["influx"],"security":[{}],
 "responses":{"204":{"description":"It is."}}}},
"/health":{"get":{"summary":"Influx 2: its health; for browsers a screen","tags":["influx"],
 "security":[{}],"responses":{"200":{"description":"It lives.","content":{
  "application/json":{"schema":{"type":"object"}},"text/html":{"schema":{"type":"string"}}}}}}},
"/v1/ws":{"get":{"summary":"The subscription protocol over a WebSocket","tags":["subscribe"],
 "responses":{"101":{"description":"weir.v1.json"},"426":{"description":"No upgrade was asked."},
  "default":{"$ref":"#/components/responses/Fault"}}}},
"/v1/stream":{"get":{"summary":"The same as Server-Sent Events","tags":["subscribe"],
 "parameters":[{"$ref":"#/components/parameters/q"},
  {"name":"rate","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
  {"name":"history","in":"query","schema":{"$ref":"#/components/schemas/Duration"}},
  {"name":"subs","in":"query","content":{"application/json":{"schema":{"type":"array"}}}},
  {"name":"Last-Event-ID","in":"header","schema":{"type":"string"}}],
 "responses":{"200":{"description":"Events until the connection ends.","content":{
   "text/event-stream":{"schema":{"type":"string"}}}},
  "default":{"$ref":"#/components/responses/Fault"}}}}
})json";

}  // namespace

std::string_view openapi_paths() {
  return kPaths;
}

}  // namespace gateway::server

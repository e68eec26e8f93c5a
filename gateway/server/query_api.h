#pragma once
// query_api: GET and POST /api/v1/query: one window of a query, answered by who knows the past: a
// range of one step. Any worker's thread.
//
//   {"t":"snap","w":[1764000000000,1764000010000],"n":2,"fields":["count","p99"],"by":["route"],
//    "k":[["/a"],["/b"]],"c":[[812,90],[12.1,8.8]],"next":null}
//
// `w` is the window as evaluated: wider than asked for where only coarser panes are kept. Rows come
// in the query's order, else by their keys; rows with marks stand in "m" as in a live table;
// "hole":true says that something of the window is lost, which is why all is null; `next` is the
// `cursor` of the page after this one.

#include <string>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/server/work.h"
#include "ingest/query/past.h"

namespace gateway::server {

struct AnswerContext;

/// ?time=: of the window that ends at or last before it; absent: the newest that is whole. Windows
/// end at multiples of the slide, which is the pane where the query has none.
Reply answer_query_now(const http::Request& request, std::string_view rest,
                       const AnswerContext& context);

/// The body above of a page of `query`; of a page without times that of an empty window that ends
/// at `end`.
std::string snap_of_page(const ingest::query::Query& query, const ingest::query::RangePage& page,
                         ingest::WallTime end);

}  // namespace gateway::server

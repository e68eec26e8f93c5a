#include "gateway/cli/import_mapping.h"

#include <fstream>
#include <iterator>
#include <ostream>

#include "gateway/config/exporter_mapping.h"

namespace gateway::cli {
namespace {

void say(const std::string& file, const config::TreeFault& fault, std::ostream& err) {
  err << file;
  if (fault.line > 0) err << ":" << fault.line;
  if (!fault.key.empty()) err << ": " << fault.key;
  err << ": " << fault.what << "\n";
}

}  // namespace

Exit import_mapping(const std::string& file, std::ostream& out, std::ostream& err) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    err << file << ": cannot be read\n";
    return Exit::Configuration;
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const config::ExporterMapping mapping = config::read_exporter_mapping(text);
  for (const config::TreeFault& fault : mapping.faults)
    say(file, fault, err);
  if (!mapping.faults.empty()) return Exit::Configuration;
  for (const config::TreeFault& lost : mapping.lost)
    say(file, lost, err);
  out << "# What " << file << " says to statsd_exporter. There, a series without a ttl stays for "
      << "ever; here,\n# for series_ttl. Values of timers are taken as milliseconds, of h and d "
         "too.\n"
      << metrics_text(mapping);
  return mapping.lost.empty() ? Exit::Good : Exit::CannotGoOn;
}

}  // namespace gateway::cli

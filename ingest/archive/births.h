#pragma once
// Births: what the hub's numbers of series mean now. Outlives segments and the disk's absence.
// Owned by the archive's thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/sample.h"

namespace ingest::archive {

class Births {
 public:
  struct Known {
    std::string key;  // canonical bytes; empty: nobody
    model::Kind kind = model::Kind::Counter;
    std::uint32_t generation = 0;  // grows with each birth of that number
  };

  void born(std::uint32_t local, model::Kind kind, std::string_view key) {
    if (known_.size() <= local) known_.resize(local + std::size_t{1});
    Known& here = known_[local];
    here.key = key;
    here.kind = kind;
    ++here.generation;
  }
  /// nullptr: nobody was born by that number.
  const Known* find(std::uint32_t local) const {
    return local < known_.size() && !known_[local].key.empty() ? &known_[local] : nullptr;
  }

 private:
  std::vector<Known> known_;
};

}  // namespace ingest::archive

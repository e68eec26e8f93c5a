#include "gateway/server/identity_book.h"

#include "ingest/base/check.h"

namespace gateway::server {

/// One connection's.
class IdentityBook::Seat final : public publish::Place {
 public:
  Seat(IdentityBook& book, Book::iterator place, std::uint64_t subs)
      : book_(book), place_(place), subs_(subs) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() override { book_.leave(place_, subs_); }
  bool add_sub() override {
    const bool added = book_.add_sub(place_);
    subs_ += added ? 1 : 0;
    return added;
  }
  void drop_subs(std::size_t count) override {
    CHECK(count <= subs_);
    subs_ -= count;
    book_.drop_subs(place_, count);
  }

 private:
  IdentityBook& book_;
  Book::iterator place_;
  std::uint64_t subs_ = 0;
};

void IdentityBook::set_caps(const Caps& caps) {
  const std::lock_guard lock{mutex_};
  caps_ = caps;
}

std::unique_ptr<publish::Place> IdentityBook::admit(const std::string& identity, std::size_t subs) {
  const std::lock_guard lock{mutex_};
  const auto place = held_.try_emplace(identity).first;
  if (place->second.connections >= caps_.connections_max) {
    connections_refused_.fetch_add(1, kRelaxed);
    return nullptr;
  }
  ++place->second.connections;
  place->second.subs += subs;
  return std::make_unique<Seat>(*this, place, subs);
}

bool IdentityBook::refuses(const std::string& identity) {
  const std::lock_guard lock{mutex_};
  const auto place = held_.find(identity);
  if (place == held_.end() || place->second.connections < caps_.connections_max) return false;
  connections_refused_.fetch_add(1, kRelaxed);
  return true;
}

std::uint64_t IdentityBook::identities() const {
  const std::lock_guard lock{mutex_};
  return held_.size();
}

void IdentityBook::leave(Book::iterator place, std::uint64_t subs) {
  const std::lock_guard lock{mutex_};
  CHECK(place->second.connections > 0 && place->second.subs >= subs);
  place->second.subs -= subs;
  if (--place->second.connections == 0) held_.erase(place);
}

bool IdentityBook::add_sub(Book::iterator place) {
  const std::lock_guard lock{mutex_};
  if (place->second.subs >= caps_.subs_max) {
    subs_refused_.fetch_add(1, kRelaxed);
    return false;
  }
  ++place->second.subs;
  return true;
}

void IdentityBook::drop_subs(Book::iterator place, std::uint64_t count) {
  const std::lock_guard lock{mutex_};
  CHECK(place->second.subs >= count);
  place->second.subs -= count;
}

}  // namespace gateway::server

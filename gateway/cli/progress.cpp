#include "gateway/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace gateway::cli {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr const char* kToLineStart = "\r\x1b[K";  // and what stood there is gone

/// Three figures: "93.2 MB".
std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  const int digits = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, bytes, kUnits.at(unit));
  return text.data();
}

std::string left_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 120) return std::to_string(whole) + " s left";
  if (whole < 7'200) return std::to_string(whole / 60) + " min left";
  return std::to_string(whole / 3'600) + " h left";
}

}  // namespace

std::string progress_text(std::uint64_t done, std::uint64_t all, ingest::Millis took) {
  const double seconds = std::max(std::chrono::duration<double>(took).count(), 1e-3);
  const auto bytes = static_cast<double>(done);
  const double rate = bytes / seconds;
  const std::string speed = ", " + bytes_text(rate) + "/s";
  if (all == 0) return bytes_text(bytes) + speed;
  const double share = std::min(bytes / static_cast<double>(all), 1.0);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), "] %3d %%  ", static_cast<int>(share * 100));
  std::string text = "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') +
                     percent.data() + bytes_text(bytes) + " of " +
                     bytes_text(static_cast<double>(all)) + speed;
  if (done > 0 && done < all) text += ", " + left_text(static_cast<double>(all - done) / rate);
  return text;
}

Progress::Progress(std::ostream& err) : Progress(err, ::isatty(STDERR_FILENO) != 0) {}

void Progress::say(const std::string& text) {
  if (!shows_) return;
  err_ << kToLineStart << text << std::flush;
  has_text_ = true;
}

void Progress::at(ingest::MonoTime now, std::uint64_t done, std::uint64_t all) {
  if (!shows_) return;
  if (!begun_) {
    begun_ = true;
    begin_ = now;
    next_ = now + kPatience;
  }
  if (now < next_) return;
  next_ = now + kEvery;
  say(progress_text(done, all, std::chrono::floor<ingest::Millis>(now - begin_)));
}

void Progress::clear() {
  if (has_text_) err_ << kToLineStart << std::flush;
  has_text_ = false;
}

}  // namespace gateway::cli

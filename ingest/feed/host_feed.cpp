#include "ingest/feed/host_feed.h"

#include <dirent.h>
#include <fcntl.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "ingest/io/fd.h"

namespace ingest::feed {
namespace {

/// Hundreds of devices; of a longer text the beginning is read.
constexpr std::size_t kTextBytesMax = std::size_t{64} * 1024;
/// Between the first two readings.
constexpr Millis kFirstInterval{250};

std::optional<std::chrono::nanoseconds> process_cpu_time() {
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return std::nullopt;
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Entries of a folder of descriptors, without the one that reads it.
std::optional<std::size_t> count_descriptors(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return std::nullopt;
  std::size_t count = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir of a folder of our own
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  ::closedir(folder);
  return count > 0 ? count - 1 : 0;
}

const proc::DeviceIo* find(const std::vector<proc::DeviceIo>& devices, const std::string& name) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const proc::DeviceIo& io) { return io.device == name; });
  return found == devices.end() ? nullptr : &*found;
}

}  // namespace

HostFeed::HostFeed(io::EventLoop& loop, model::SampleSink& sink, Options options)
    : Feed("host", ""),
      loop_(loop),
      options_(std::move(options)),
      batch_(sink),
      text_(kTextBytesMax),
      timer_(loop_.at(loop_.mono(), [this] { run(); })) {}

HostFeed::~HostFeed() {
  loop_.cancel(timer_);
}

void HostFeed::run() {
  read_cpu();
  read_load();
  read_memory();
  read_network();
  read_disks();
  read_process();
  timer_ = loop_.at(loop_.mono() + until_next(), [this] { run(); });
  read_once_ = true;
}

Millis HostFeed::until_next() const {
  if (!read_once_) return std::min(kFirstInterval, options_.every);
  // The middle of the next interval; the one under way only if most of an interval is left to it.
  const Millis into = (loop_.wall().time_since_epoch() + options_.every / 2) % options_.every;
  const Millis wait = options_.every - into;
  return wait < options_.every / 4 ? wait + options_.every : wait;
}

std::optional<std::string_view> HostFeed::slurp(const std::string& path) {
  const io::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::size_t size = 0;
  while (file && size < text_.size()) {
    const ssize_t got = ::read(file.get(), text_.data() + size, text_.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size == 0) {
    ++book().sources_missing;
    return std::nullopt;
  }
  return std::string_view{text_.data(), size};
}

void HostFeed::gauge(std::string_view name, std::string_view tags, double value) {
  model::Sample sample;
  sample.kind = model::Kind::Gauge;
  sample.key = {name, tags, model::TagStyle::Colon};
  sample.value = value;
  batch_.push(sample);
  batch_.flush();  // `tags` may be gone when the next comes
  ++book().lines.samples;
}

void HostFeed::count(std::string_view name, std::string_view tags, double value) {
  model::Sample sample;
  sample.kind = model::Kind::Counter;
  sample.key = {name, tags, model::TagStyle::Colon};
  sample.value = value;
  batch_.push(sample);
  batch_.flush();
  ++book().lines.samples;
}

void HostFeed::read_cpu() {
  const auto text = slurp(options_.proc + "/stat");
  const auto now = text ? proc::parse_cpu(*text) : std::nullopt;
  if (!now) return;
  const auto shares = cpu_ ? proc::cpu_shares(*cpu_, *now) : std::nullopt;
  cpu_ = now;
  if (!shares) return;
  for (std::size_t i = 0; i < shares->size(); ++i) {
    gauge("system.cpu.utilization", "mode:" + std::string{proc::kCpuModes[i]}, (*shares)[i]);
  }
}

void HostFeed::read_load() {
  const auto text = slurp(options_.proc + "/loadavg");
  const auto load = text ? proc::parse_load_1m(*text) : std::nullopt;
  if (load) gauge("system.cpu.load_average.1m", "", *load);
}

void HostFeed::read_memory() {
  const auto text = slurp(options_.proc + "/meminfo");
  const auto memory = text ? proc::parse_memory(*text) : std::nullopt;
  if (!memory) return;
  const auto say = [&](std::string_view tags, std::uint64_t bytes) {
    gauge("system.memory.usage", tags, static_cast<double>(bytes));
    gauge("system.memory.utilization", tags,
          static_cast<double>(bytes) / static_cast<double>(memory->total));
  };
  say("state:used", memory->used);
  say("state:free", memory->free);
  say("state:cached", memory->cached);
  say("state:buffers", memory->buffers);
}

void HostFeed::read_network() {
  const auto text = slurp(options_.proc + "/net/dev");
  if (!text) return;
  auto now = proc::parse_network(*text);
  emit_io({"system.network.io", "receive", "transmit"}, network_, now);
  network_ = std::move(now);
}

void HostFeed::read_disks() {
  const auto text = slurp(options_.proc + "/diskstats");
  if (!text) return;
  auto now = proc::parse_disks(*text);
  // Partitions are counted in their disk; only whole disks stand in this folder.
  std::erase_if(now, [this](const proc::DeviceIo& io) {
    std::string folder = io.device;
    std::replace(folder.begin(), folder.end(), '/', '!');  // as sysfs writes cciss/c0d0
    return ::access((options_.sys + "/block/" + folder).c_str(), F_OK) != 0;
  });
  emit_io({"system.disk.io", "read", "write"}, disks_, now);
  disks_ = std::move(now);
}

void HostFeed::emit_io(const IoNames& names, const std::vector<proc::DeviceIo>& before,
                       const std::vector<proc::DeviceIo>& now) {
  for (const proc::DeviceIo& io : now) {
    const proc::DeviceIo* old = find(before, io.device);
    // A device that was not there, or began again, has no difference yet.
    if (old == nullptr || io.in < old->in || io.out < old->out) continue;
    const std::string device = "device:" + io.device + ",direction:";
    count(names.metric, device + std::string{names.in}, static_cast<double>(io.in - old->in));
    count(names.metric, device + std::string{names.out}, static_cast<double>(io.out - old->out));
  }
}

void HostFeed::read_process() {
  const auto cpu = process_cpu_time();
  const MonoTime now = loop_.mono();
  if (cpu && process_cpu_ && now > process_at_) {
    const double cores = std::max(1U, std::thread::hardware_concurrency());
    const double spent = std::chrono::duration<double>(*cpu - *process_cpu_).count();
    const double passed = std::chrono::duration<double>(now - process_at_).count();
    gauge("process.cpu.utilization", "", std::clamp(spent / passed / cores, 0.0, 1.0));
  }
  process_cpu_ = cpu;
  process_at_ = now;
  const auto text = slurp(options_.proc + "/self/statm");
  if (const auto pages = text ? proc::parse_resident_pages(*text) : std::nullopt) {
    gauge("process.memory.usage", "",
          static_cast<double>(*pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
  if (const auto open = count_descriptors(options_.proc + "/self/fd")) {
    gauge("process.open_file_descriptor.count", "", static_cast<double>(*open));
  } else {
    ++book().sources_missing;
  }
}

}  // namespace ingest::feed

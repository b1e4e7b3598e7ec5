// A trend as inline SVG: a signal over time, the range that was expected of it, and where it was abnormal.
#include "cli/picture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/axis.h"
#include "cli/html.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

constexpr double left = 62, right = 12, top = 18, bottom = 26;  // room for labels, in pixels

/// Which pixel a moment and a value fall on.
class Scale {
 public:
  explicit Scale(const Picture& p) : width_(p.width - left - right), height_(p.height - top - bottom) {
    from_ = p.time.front();
    to_ = std::max(p.time.back(), from_ + Nanoseconds{1});
    low_ = std::numeric_limits<double>::infinity();
    high_ = -low_;
    for (const double v : p.values) include(v);
    widen_to_band(p);
    if (!(high_ >= low_)) low_ = 0, high_ = 1;
    const double margin = high_ > low_ ? 0.06 * (high_ - low_) : std::max(1.0, std::fabs(high_)) * 0.1;
    low_ -= margin;
    high_ += margin;
  }
  double x(double ns) const {
    return left + width_ * (ns - static_cast<double>(ns_of(from_))) / static_cast<double>((to_ - from_).count());
  }
  double x(Time t) const { return left + width_ * static_cast<double>((t - from_).count()) / static_cast<double>((to_ - from_).count()); }
  double y(double value) const { return top + height_ * (1 - (std::clamp(value, low_, high_) - low_) / (high_ - low_)); }
  Time from() const { return from_; }
  Time to() const { return to_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  void include(double v) {
    if (!std::isfinite(v)) return;
    low_ = std::min(low_, v);
    high_ = std::max(high_, v);
  }
  /// The band is shown as far as it does not squeeze the line: at most as much again on each side.
  void widen_to_band(const Picture& p) {
    if (!(high_ >= low_)) return;
    const double reach = std::max(high_ - low_, 1e-12 * std::max(1.0, std::fabs(high_)));
    const double least = low_ - reach, most = high_ + reach;
    for (const double v : p.low)
      if (std::isfinite(v)) low_ = std::min(low_, std::max(v, least));
    for (const double v : p.high)
      if (std::isfinite(v)) high_ = std::max(high_, std::min(v, most));
  }
  double width_, height_, low_, high_;
  Time from_, to_;
};

std::string px(double v) { return fixed(v, 1); }
std::string point(double x, double y) { return px(x) + " " + px(y); }

bool breaks(const Picture& p, std::size_t k) { return p.period.count() > 0 && p.time[k] - p.time[k - 1] > 5 * p.period; }

/// The line as path data: one vertical stroke from least to most per pixel where several rows share one, so that spikes survive.
std::string line_path(const Picture& p, const Scale& scale) {
  std::string d;
  bool pen_down = false;
  for (std::size_t k = 0; k < p.values.size();) {
    if (!std::isfinite(p.values[k])) {
      pen_down = false;
      ++k;
      continue;
    }
    if (k > 0 && breaks(p, k)) pen_down = false;
    const double x = std::round(scale.x(p.time[k]) * 2) / 2;
    double least = p.values[k], most = least, last = least;
    const double first = least;
    std::size_t next = k + 1;
    for (; next < p.values.size() && std::isfinite(p.values[next]) && !breaks(p, next) && std::round(scale.x(p.time[next]) * 2) / 2 == x;
         ++next) {
      last = p.values[next];
      least = std::min(least, last);
      most = std::max(most, last);
    }
    d += (pen_down ? "L" : "M") + point(x, scale.y(first));
    if (next - k > 1)
      d += "L" + point(x, scale.y(least)) + "L" + point(x, scale.y(most)) + "L" + point(x, scale.y(last));
    else if (!pen_down)
      d += "h.01";  // a single reading is seen as a dot
    pen_down = true;
    k = next;
  }
  return d;
}

/// The expected range as closed shapes, one per stretch in which it was known; widest per pixel.
std::string band_path(const Picture& p, const Scale& scale) {
  std::string d;
  const std::size_t n = std::min(p.low.size(), p.high.size());
  for (std::size_t k = 0; k < n;) {
    if (!std::isfinite(p.low[k]) || !std::isfinite(p.high[k])) {
      ++k;
      continue;
    }
    std::string upper, lower;
    for (; k < n && std::isfinite(p.low[k]) && std::isfinite(p.high[k]);) {
      const double x = std::round(scale.x(p.time[k]));
      double low = p.low[k], high = p.high[k];
      for (++k; k < n && std::isfinite(p.low[k]) && std::round(scale.x(p.time[k])) == x; ++k) {
        low = std::min(low, p.low[k]);
        high = std::max(high, p.high[k]);
      }
      upper += (upper.empty() ? "M" : "L") + point(x, scale.y(high));
      lower = "L" + point(x, scale.y(low)) + lower;
    }
    d += upper + lower + "Z";
  }
  return d;
}

std::string axes(const Picture& p, const Scale& scale) {
  std::string out;
  const double x_end = p.width - right, y_end = p.height - bottom;
  for (const Tick& t : number_ticks(scale.low(), scale.high())) {
    const double y = scale.y(t.at);
    out += "<path class=grid d=\"M" + point(left, y) + "H" + px(x_end) + "\"/>";
    out += "<text class=label text-anchor=end x=" + px(left - 6) + " y=" + px(y + 4) + ">" + t.label + "</text>";
  }
  const auto ticks = p.counter ? counter_ticks(scale.from(), scale.to(), 8) : time_ticks(scale.from(), scale.to(), 6);
  double free_from = 0;
  for (const Tick& t : ticks) {
    const double x = scale.x(t.at), half = 3.4 * static_cast<double>(t.label.size());
    out += "<path class=axis d=\"M" + point(x, y_end) + "v4\"/>";
    const double middle = std::clamp(x, half, p.width - half);
    if (middle - half < free_from) continue;  // no room beside the label before
    free_from = middle + half + 8;
    out += "<text class=label text-anchor=middle x=" + px(middle) + " y=" + px(y_end + 18) + ">" + t.label + "</text>";
  }
  return out + "<path class=axis d=\"M" + point(left, y_end) + "H" + px(x_end) + "\"/>";
}

std::string marks(const Picture& p, const Scale& scale) {
  std::string shades, triangles;
  for (const Picture::Period& a : p.anomalies) {
    const double x0 = scale.x(std::max(a.from, scale.from())), x1 = scale.x(std::min(a.to, scale.to()));
    const double width = std::max(2.0, x1 - x0);
    shades += "<rect class=shade x=" + px(x0 - 1) + " y=" + px(top) + " width=" + px(width + 2) + " height=" + px(p.height - top - bottom) +
              " />";
    const double x = scale.x(std::clamp(a.peak, scale.from(), scale.to()));
    triangles += "<path class=mark d=\"M" + point(x, top - 2) + "l-6 -11h12z\"/>";
  }
  return shades + triangles;
}

std::string dots(const Picture& p, const Scale& scale) {
  std::string out;
  const auto n = static_cast<std::size_t>(std::ranges::count(p.bad, std::uint8_t{1}));
  if (n == 0 || n > 400) return out;  // more than that is an area, and the shade shows it
  for (std::size_t k = 0; k < p.bad.size(); ++k)
    if (p.bad[k] && std::isfinite(p.values[k]))
      out += "<circle class=dot r=2.5 cx=" + px(scale.x(p.time[k])) + " cy=" + px(scale.y(p.values[k])) + " />";
  return out;
}

}  // namespace

std::string svg(const Picture& p) {
  if (p.time.empty()) return {};
  const Scale scale(p);
  std::string out = "<svg viewBox=\"0 0 " + std::to_string(p.width) + " " + std::to_string(p.height) + "\" role=img aria-label=\"" +
                    html(p.description) + "\">";
  if (const std::string band = band_path(p, scale); !band.empty()) out += "<path class=band d=\"" + band + "\"/>";
  out += axes(p, scale) + marks(p, scale);
  out += "<path class=line d=\"" + line_path(p, scale) + "\"/>" + dots(p, scale);
  return out + "</svg>\n";
}

}  // namespace telltale::cli

// sites/reference.yaml: every setting with its default and one line of why.
#include <algorithm>
#include <span>

#include "engine/setting_tree.h"
#include "engine/site.h"
#include "engine/site_reference.h"

namespace telltale::engine {
namespace {

std::string quoted_if_needed(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_of(":#{}[],&*?|<>=!%@`\"' \\") == text.npos;
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

std::string value_of(const Field& f) {
  if (f.required) return "REQUIRED";
  if (f.kind == FieldKind::texts) return "[]";
  return f.default_text.empty() ? "" : quoted_if_needed(f.default_text);
}

std::string why(const Field& f) {
  std::string text(f.about);
  if (!f.unit.empty()) text = std::string(f.unit) + ": " + text;
  std::string all;
  for (const auto choice : f.choices) all += (all.empty() ? "" : " | ") + std::string(choice);
  return all.empty() ? text : all + ": " + text;
}

/// One line, its comment in column 48 where it fits.
void add_line(std::string& page, std::string line, const std::string& comment) {
  if (!comment.empty()) line += std::string(line.size() < 46 ? 46 - line.size() : 2, ' ') + "# " + comment;
  page += line + "\n";
}

/// @param commented  what surrounds it is not live, so neither is this
void add_nodes(std::string& page, const std::vector<SettingNode>& nodes, std::size_t indent, bool commented) {
  for (const SettingNode& node : nodes) {
    const bool off = commented || !node.is_live();
    const std::string line = std::string(indent, ' ') + (off ? "# " : "") + node.key + ":";
    if (!node.field) {
      add_line(page, line, "");
      add_nodes(page, node.children, indent + 2, off);
      continue;
    }
    const std::string value = value_of(*node.field);
    add_line(page, line + (value.empty() ? "" : " " + value), why(*node.field));
  }
}

void add_section(std::string& page, const std::string& name, const std::vector<Field>& fields) {
  page += "\n" + name + ":\n";
  add_nodes(page, setting_tree(fields), 2, false);
}

template <typename Part>
void add_parts(std::string& page, const std::string& name, std::span<const Part> parts, const std::vector<Field>& common, bool mapped) {
  page += "\n" + name + (parts.empty() ? ": []\n" : ":\n");
  for (const Part& part : parts) {
    const std::string label(part.name);
    const bool live = std::ranges::any_of(setting_tree(part.fields), &SettingNode::is_live);
    if (&part != parts.data()) page += "\n";
    add_line(page, "  # " + label, std::string(part.about));
    const bool named = name != "validators";
    if (named) page += "  - name: example-" + label + "\n";
    page += (named ? "    " : "  - ") + label + ":" + (live ? "\n" : " {}\n");
    add_nodes(page, setting_tree(part.fields), 6, !live);
    if (mapped) add_line(page, "    mapping: auto", "where asset, signal, time and value stand in its messages: docs/parts.md lists them");
    add_nodes(page, setting_tree(common), 4, false);
  }
}

}  // namespace

std::string reference_site() {
  std::string page =
      "# yaml-language-server: $schema=../schema/site.json\n"
      "# Every setting with its default and why one would change it. To read and to copy from, not to run: a real site file names\n"
      "# only what differs (see the other files of this folder). Written by `telltale generate reference`; do not edit.\n"
      "# ${NAME} and ${NAME:-default} stand for environment variables; secrets may stand in files of their own: `password_file: PATH`.\n\n"
      "site: EXAMPLE-SITE\n\n"
      "assets:\n"
      "  - id: COMP-001\n"
      "    type: gas_compressor    # generic (the default) | gas_compressor | sgt400_train | power_grid | fermenter | machines/NAME.yaml "
      "of your own\n"
      "    area: wellpad-3\n"
      "    signals:                # beside those of its type, or instead of one of the same name\n"
      "      - name: suction_temperature\n"
      "        label: Suction temperature\n"
      "        unit: degC          # as people write it or by its UCUM code; values that come in another unit are converted\n"
      "        description: Before the first stage\n"
      "        role: analog        # analog | digital | setpoint | counter: the last three may stand still\n"
      "        range: [-40, 150]   # what the instrument can show: beyond it a reading is bad\n"
      "        normal: [5, 40]     # where a healthy machine runs: drawn, judged by nobody\n"
      "        resolution: 0.1     # the least step of the instrument\n"
      "        max_rate: 5         # per second: a faster change is marked\n"
      "        decimals: 1         # on screens\n"
      "        limits:\n"
      "          - {rule: suction_temperature_high, above: 60, deadband: 2, on_delay: 5s, off_delay: 10s, priority: 2}\n"
      "# assets: fleet.csv         # instead of the above, for many machines: a list of id,type,area\n"
      "# tags: tags.csv            # more signals, as a list: source,asset,signal,unit,low,high,description\n";
  add_section(page, "engine", engine_fields());
  add_section(page, "store", store_fields());
  add_section(page, "api", api_fields());
  add_section(page, "log", log_fields());
  add_parts(page, "sources", sources::source_parts(), source_fields(), true);
  add_parts(page, "validators", validators::validator_parts(), {}, false);
  add_parts(page, "detectors", detectors::detector_parts(), detector_fields(), false);
  add_parts(page, "sinks", sinks::sink_parts(), sink_fields(), false);
  return page;
}

}  // namespace telltale::engine

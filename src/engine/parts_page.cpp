// docs/parts.md: every section, part, mapping and machine type with its settings.
#include <span>

#include "decoders/mapping.h"
#include "engine/setting_tree.h"
#include "engine/site.h"
#include "engine/site_reference.h"

namespace telltale::engine {
namespace {

/// '|' ends a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string meaning(const Field& field) {
  std::string text(field.about);
  if (!field.choices.empty()) {
    std::string all;
    for (const auto choice : field.choices) all += (all.empty() ? "" : ", ") + std::string(choice);
    text += " (one of " + all + ")";
  }
  return cell(text);
}

std::string kind(const Field& field) {
  std::string text(name_of(field.kind));
  if (!field.unit.empty()) text += ", " + std::string(field.unit);
  return cell(text);
}

void add_table(std::string& page, const std::vector<Field>& fields) {
  if (fields.empty()) {
    page += "No settings.\n\n";
    return;
  }
  page += "| setting | kind | default | why one would change it |\n|---|---|---|---|\n";
  for (const Field& f : fields)
    page += "| `" + std::string(f.name) + "` | " + kind(f) + " | " + cell(default_shown(f)) + " | " + meaning(f) + " |\n";
  page += "\n";
}

template <typename Part>
void add_parts(std::string& page, const std::string& title, const std::string& intro, std::span<const Part> parts,
               const std::vector<Field>& common) {
  page += "## " + title + "\n\n" + intro + "\n\n";
  if (!common.empty()) {
    page += "Every one of them has these beside its own:\n\n";
    add_table(page, common);
  }
  for (const Part& part : parts) {
    page += "### " + std::string(part.name) + "\n\n" + std::string(part.about) + "\n\n";
    add_table(page, part.fields);
  }
}

void add_mappings(std::string& page) {
  page +=
      "## Mappings\n\nA source names one with `mapping: NAME`; a file of your own stands as `mappings/NAME.yaml` beside the site file.\n\n";
  page += "| mapping | what it reads |\n|---|---|\n";
  for (const auto name : decoders::mapping_names()) {
    const auto mapping = decoders::find_mapping(std::string(name), "");
    page += "| `" + std::string(name) + "` | " + (mapping ? cell(mapping->about) : "") + " |\n";
  }
  page += "\n";
}

std::string range_text(const machines::SignalType& s) {
  const auto number = [](double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", v);
    return std::string(text);
  };
  return s.range_low ? number(*s.range_low) + " to " + number(*s.range_high) : "";
}

std::string limits_text(const machines::SignalType& s) {
  std::string text;
  for (const auto& limit : s.limits) {
    char one[96];
    std::snprintf(one, sizeof one, "%s%s %g (priority %u)", text.empty() ? "" : "; ", limit.above ? "above" : "below", limit.value,
                  limit.priority);
    text += one;
  }
  return text;
}

void add_machine_types(std::string& page) {
  page +=
      "## Machine types\n\nAn asset names one with `type: NAME`; a file of your own stands as `machines/NAME.yaml` beside the site file. "
      "`generic` declares nothing.\n\n";
  for (const auto name : machines::machine_type_names()) {
    const auto type = machines::find_machine_type(name, "");
    if (!type || (*type)->signals.empty()) continue;
    page += "### " + std::string(name) + "\n\n" + (*type)->label + "\n\n| signal | unit | instrument shows | limits |\n|---|---|---|---|\n";
    for (const auto& s : (*type)->signals)
      page += "| `" + s.name + "` | " + cell(s.unit) + " | " + range_text(s) + " | " + limits_text(s) + " |\n";
    page += "\n";
  }
}

}  // namespace

std::string parts_page() {
  std::string page =
      "# Parts and their settings\n\n"
      "Written by `telltale generate parts` from the descriptions in the code; do not edit. `sites/reference.yaml` shows the same as a "
      "site file,\n"
      "`schema/site.json` completes it in an editor. Every setting can also be given in the environment, as `TELLTALE_API__LISTEN` for "
      "`api.listen`\n"
      "and `TELLTALE_SOURCES__WELLPAD__QOS` for the `qos` of the source `wellpad`; a secret also as a file, `..._FILE` or "
      "`password_file`.\n\n"
      "## Sections\n\n";
  for (const auto& [name, fields] :
       {std::pair{"engine", &engine_fields()}, {"store", &store_fields()}, {"api", &api_fields()}, {"log", &log_fields()}}) {
    page += "### " + std::string(name) + "\n\n";
    add_table(page, *fields);
  }
  add_parts(page, "Sources", "Places where readings come from: `sources: [{name: NAME, PART: {...}, mapping: MAPPING}]`.",
            sources::source_parts(), source_fields());
  add_mappings(page);
  add_parts(page, "Validators",
            "Each asks one question before a reading is believed; it marks and never deletes. All of them run when the site file has no "
            "`validators`.",
            validators::validator_parts(), {});
  add_parts(page, "Detectors", "Each answers \"does this look wrong?\": `detectors: [{name: NAME, PART: {...}}]`.",
            detectors::detector_parts(), detector_fields());
  add_parts(page, "Sinks", "Places where results go and stay: `sinks: [{name: NAME, PART: {...}}]`.", sinks::sink_parts(), sink_fields());
  add_machine_types(page);
  page.pop_back();
  return page;
}

}  // namespace telltale::engine

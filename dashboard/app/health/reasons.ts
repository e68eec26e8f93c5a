// Reasons: why a line was rejected, in words for its sender, with a line that shows it where one does.

const REASONS: Record<string, [meaning: string, example?: string]> = {
  empty_name: ['There is no name before the value', ':1|c'],
  missing_value: ['There is a name and no value', 'a|c'],
  empty_value: ['The value is empty', 'a:|c'],
  bad_value: ['The value is not a number', 'a:0x10|c'],
  not_finite: ['The value is infinite, too large or not a number', 'a:nan|g'],
  missing_kind: ['The kind is missing', 'a:1'],
  empty_kind: ['The kind is empty', 'a:1|'],
  unknown_kind: ['The kind is none of c, g, ms, h, d, s', 'a:1|q'],
  bad_rate: ['The sample rate is not above 0 and at most 1', 'a:1|c|@0'],
  bad_time: ['The time is not a time', 'a:1|c|T-5'],
  repeated_field: ['A part of the line stands there twice', 'a:1|c|@0.1|@0.2'],
  mixed_tags: ['Tags are written in two ways at once', 'a,k=v:1|c|#k:v'],
  bad_tags: ['The tags do not end', 'a[k=v:1|c'],
  empty_tag_key: ['A tag has no key', 'a:1|c|#:v'],
  empty_tag_value: ['A tag has no value', 'm,t= f=1'],
  bad_annotation: ['An event or service check is malformed', '_e{x}:'],
  bad_utf8: ['The bytes are not UTF-8, or hold a NUL'],
  name_too_long: ['The name is longer than 255 bytes'],
  tag_key_too_long: ['A tag key is longer than 128 bytes'],
  tag_value_too_long: ['A tag value is longer than 256 bytes'],
  too_many_tags: ['There are more than 32 tags'],
  line_too_long: ['The line is longer than 64 KiB'],
  overflow: ['The integer does not fit into 64 bits', 'm f=9223372036854775808i'],
  missing_field: ['There is no field', 'm'],
  empty_field: ['A field has no name or no value', 'm =1'],
  too_many_fields: ['There are more fields than one line may have'],
  open_string: ['A quoted text does not end', 'm f="abc'],
  missing_time: ['The time is missing', 'a 1'],
  trailing_text: ['Something follows the end of the line', 'm f=1 1700000000 x'],
  missing_name: ['The object has no name', '{"value":1}'],
  too_many_values: ['There are more values than one line may have'],
  bad_json: ['The line is not JSON', '{"name":'],
  bad_field: ['A field is of the wrong type', '{"name":5}'],
};

export interface Reason {
  meaning: string;
  example: string;
}
/** A reason that this page does not know yet is shown by its name alone. */
export function reasonOf(name: string): Reason {
  const [meaning = '', example = ''] = REASONS[name] ?? [];
  return { meaning, example };
}

"""Parses recorded answers by botocore's service models; ends with 1 and one line for each thing a model does not know."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import botocore.loaders
import botocore.model
import botocore.parsers

LOADER = botocore.loaders.Loader()
SERVICES = {"servicequotas": "service-quotas"}
MODELS = {}


def model(host):
    name = host.split(".")[0]
    name = SERVICES.get(name, name)
    if name not in MODELS:
        MODELS[name] = botocore.model.ServiceModel(LOADER.load_service_model(name, "service-2"), name)
    return MODELS[name]


def operation(service, row):
    if row["operation"]:
        return service.operation_model(row["operation"])
    matches = []
    for name in service.operation_names:
        candidate = service.operation_model(name)
        template = candidate.http["requestUri"].split("?")[0]
        pattern = "^" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)) + "/?$"
        if candidate.http["method"] == row["method"] and re.match(pattern, row["path"]):
            matches.append((template.count("{"), candidate))
    if not matches:
        raise LookupError(f"no operation of {service.service_name} is {row['method']} {row['path']}")
    return min(matches, key=lambda match: match[0])[1]


def local(element):
    return element.tag.rsplit("}", 1)[-1]


class Walk:
    """Looks for members that the model does not know."""

    def __init__(self):
        self.unknown = []

    def json(self, shape, value, path):
        if value is None:
            return
        if shape.type_name == "structure":
            names = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            for key, inner in self.expect(value, dict, path).items():
                if key in names:
                    self.json(names[key], inner, f"{path}.{key}".lstrip("."))
                elif not (path == "" and key in ("__type", "message", "Message")):
                    self.unknown.append(f"{path}.{key}".lstrip(".") + " is no member of " + shape.name)
        elif shape.type_name == "list":
            for number, inner in enumerate(self.expect(value, list, path)):
                self.json(shape.member, inner, f"{path}[{number}]")
        elif shape.type_name == "map":
            for key, inner in self.expect(value, dict, path).items():
                self.json(shape.value, inner, f"{path}.{key}")
        elif shape.type_name in ("integer", "long"):
            self.expect(value, int, path)
        elif shape.type_name == "boolean":
            self.expect(value, bool, path)
        elif shape.type_name in ("float", "double"):
            self.expect(value, (int, float), path)
        elif shape.type_name == "string":
            self.expect(value, str, path)

    def expect(self, value, kind, path):
        if not isinstance(value, kind):
            self.unknown.append(f"{path} is {value!r}, no {kind}")
            return [] if kind is list else {}
        return value

    def xml(self, shape, element, path):
        if shape.type_name == "structure":
            names = {}
            for name, member in shape.members.items():
                flat = member.type_name == "list" and member.serialization.get("flattened")
                inner = member.member.serialization.get("name") if flat else None
                names[inner or member.serialization.get("name", name)] = (member, flat)
            for child in element:
                name = local(child)
                if name not in names:
                    self.unknown.append(f"{path}.{name} is no member of {shape.name}")
                    continue
                member, flat = names[name]
                self.xml(member.member if flat else member, child, f"{path}.{name}")
        elif shape.type_name == "list":
            item = shape.member.serialization.get("name", "member")
            for child in element:
                if local(child) != item:
                    self.unknown.append(f"{path} holds {local(child)} in place of {item}")
                else:
                    self.xml(shape.member, child, f"{path}.{item}")
        elif shape.type_name == "boolean" and (element.text or "") not in ("true", "false"):
            self.unknown.append(f"{path} is {element.text!r}, no boolean")
        elif len(element):
            self.unknown.append(f"{path} has children and is a {shape.type_name}")


def members(service, op, row, walk):
    """The walk over a good answer."""
    shape = op.output_shape
    protocol = service.metadata["protocol"]
    if protocol in ("json", "rest-json"):
        if shape is not None:
            walk.json(shape, json.loads(row["body"] or "{}"), "")
        return
    root = ElementTree.fromstring(row["body"])
    if local(root) != op.name + "Response":
        walk.unknown.append(f"the root is {local(root)}")
    if protocol == "query":
        result = op.output_shape and op.output_shape.serialization.get("resultWrapper")
        allowed = {"ResponseMetadata", result}
        walk.unknown += [f"{local(child)} beside the result" for child in root if local(child) not in allowed]
        for child in root:
            if local(child) == result:
                walk.xml(shape, child, result)
        return
    for child in list(root):
        if local(child) == "requestId":
            root.remove(child)
    if shape is not None:
        walk.xml(shape, root, op.name)
    elif [local(child) for child in root] not in ([], ["return"]):
        walk.unknown.append(f"{op.name} answers nothing, not {[local(child) for child in root]}")


def judge(row):
    service = model(row["host"])
    op = operation(service, row)
    parser = botocore.parsers.create_parser(service.metadata["protocol"])
    answer = {"status_code": row["status"], "headers": row["headers"], "body": row["body"].encode()}
    parsed = parser.parse(answer, op.output_shape)
    if row["status"] >= 300:
        code = parsed.get("Error", {}).get("Code")
        return [] if code and code != str(row["status"]) else [f"{op.name}: no error code in {row['body']}"]
    walk = Walk()
    members(service, op, row, walk)
    return [f"{op.name}: {what}" for what in walk.unknown]


def main():
    problems, count = [], 0
    for line in open(sys.argv[1], encoding="utf-8"):
        row = json.loads(line)
        count += 1
        try:
            problems += judge(row)
        except Exception as error:
            problems.append(f"{row['host']} {row['operation'] or row['path']}: {error!r}")
    for problem in sorted(set(problems)):
        print(problem)
    print(f"{count} answers, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()

"""What an audit leaves behind: machine-readable records, a workbook and a report for people."""
